// The official Cloudflare SDK against a real streamd: what it can call, and which errors it sees.
import assert from "node:assert/strict";
import { createHmac, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import Cloudflare from "cloudflare";

import { ACCOUNT, TOKEN, broadcast, startEngine, startReceiver, until } from "./engine.mjs";

const account_id = ACCOUNT;
let engine, receiver, cf;

const fixture = (name) => JSON.parse(readFileSync(`test/fixtures/cloudflare/${name}.json`));
const client = (apiToken) => new Cloudflare({ apiToken, baseURL: engine.api, maxRetries: 0 });
const stream = (path) => `/accounts/${ACCOUNT}/stream${path}`;

before(async () => {
  engine = await startEngine({ STREAMD_GRACE_S: "1" });
  receiver = await startReceiver();
  cf = client(TOKEN);
});

after(async () => {
  receiver.stop();
  assert.equal(await engine.stop(), 0, engine.log);
});

test("live inputs are made, read, listed, changed, deleted", async () => {
  const made = await cf.stream.liveInputs.create({
    account_id,
    meta: { name: "Evening drop #12" },
    recording: { mode: "automatic", timeoutSeconds: 5 },
    deleteRecordingAfterDays: 45,
  });
  assert.deepEqual(
    Object.keys(made).sort(),
    Object.keys(fixture("live-input-create-response").result).sort(),
  );
  assert.match(made.rtmps.streamKey, /^[0-9a-f]{32}k[0-9a-f]{32}$/);
  assert.match(made.rtmps.url, /^rtmps:\/\/localhost:\d+\/live\/$/);
  assert.equal(made.playback.hls, `${engine.url}/${made.uid}/manifest/video.m3u8`);

  assert.deepEqual(await cf.stream.liveInputs.get(made.uid, { account_id }), made);
  const list = await cf.stream.liveInputs.list({ account_id, include_counts: true });
  assert.equal(list.total, list.liveInputs.length);
  assert.deepEqual(
    Object.keys(list.liveInputs[0]).sort(),
    Object.keys(fixture("live-inputs-list-response").result.liveInputs[0]).sort(),
  );

  const off = await cf.stream.liveInputs.update(made.uid, { account_id, enabled: false });
  assert.equal(off.enabled, false);
  assert.deepEqual([off.meta, off.recording, off.rtmps], [made.meta, made.recording, made.rtmps]);
  assert.ok(off.modified > made.modified);

  await cf.stream.liveInputs.delete(made.uid, { account_id });
  await assert.rejects(cf.stream.liveInputs.get(made.uid, { account_id }), Cloudflare.NotFoundError);
  await assert.rejects(
    cf.stream.liveInputs.delete(made.uid, { account_id }),
    Cloudflare.NotFoundError,
  );
});

test("the same idempotency key is the same input, until that is deleted", async () => {
  const headers = { "Idempotency-Key": "show-7" };
  const a = await cf.stream.liveInputs.create({ account_id, meta: { name: "a" } }, { headers });
  const b = await cf.stream.liveInputs.create({ account_id, meta: { name: "b" } }, { headers });
  assert.equal(a.uid, b.uid);
  await cf.stream.liveInputs.delete(a.uid, { account_id });
  await assert.rejects(
    cf.stream.liveInputs.create({ account_id }, { headers }),
    Cloudflare.ConflictError,
  );
  await assert.rejects(
    cf.stream.liveInputs.create({ account_id }, { headers: { "Idempotency-Key": "x".repeat(256) } }),
    Cloudflare.BadRequestError,
  );
});

test("keys rotate", async () => {
  const made = await cf.stream.liveInputs.create({ account_id });
  const { result } = await cf.post(stream(`/live_inputs/${made.uid}/rotate_keys`));
  assert.ok(result.keysRotatedAt);
  for (const at of ["rtmps", "rtmpsPlayback"])
    assert.notEqual(result[at].streamKey, made[at].streamKey);
  await cf.stream.liveInputs.delete(made.uid, { account_id });
});

test("outputs are made, listed, switched, deleted", async () => {
  const { uid } = await cf.stream.liveInputs.create({ account_id });
  const url = "rtmp://a.rtmp.youtube.com/live2";
  const out = await cf.stream.liveInputs.outputs.create(uid, { account_id, url, streamKey: "k" });
  assert.deepEqual(out, { uid: out.uid, url, streamKey: "k", enabled: true });
  const rows = [];
  for await (const row of cf.stream.liveInputs.outputs.list(uid, { account_id })) rows.push(row);
  assert.deepEqual(rows, [out]);
  const at = { account_id, live_input_identifier: uid };
  const off = await cf.stream.liveInputs.outputs.update(out.uid, { ...at, enabled: false });
  assert.equal(off.enabled, false);
  await cf.stream.liveInputs.outputs.delete(out.uid, at);
  await assert.rejects(
    cf.stream.liveInputs.outputs.create(uid, { account_id, url: "http://x/", streamKey: "k" }),
    Cloudflare.BadRequestError,
  );
  await cf.stream.liveInputs.delete(uid, { account_id });
});

test("signing keys are shown once", async () => {
  const key = await cf.stream.keys.create({ account_id, body: {} });
  const pem = createPrivateKey(Buffer.from(key.pem, "base64").toString());
  const jwk = JSON.parse(Buffer.from(key.jwk, "base64"));
  assert.equal(jwk.kid, key.id);
  assert.equal(pem.asymmetricKeyDetails.modulusLength, 2048);
  const same = createPrivateKey({ key: jwk, format: "jwk" });
  assert.ok(pem.export({ format: "jwk" }).n === same.export({ format: "jwk" }).n);
  const rows = [];
  for await (const row of cf.stream.keys.get({ account_id })) rows.push(row);
  assert.deepEqual(rows.map(Object.keys), [["id", "created"]]);
  assert.equal(await cf.stream.keys.delete(key.id, { account_id }), "Revoked");
  await assert.rejects(cf.stream.keys.delete(key.id, { account_id }), Cloudflare.NotFoundError);
});

test("the webhook's secret changes with its URL; a bad URL changes nothing", async () => {
  const put = (notificationUrl) => cf.stream.webhooks.update({ account_id, notificationUrl });
  const a = await put(`${receiver.url}/a`);
  assert.match(a.secret, /^[0-9a-f]{32}$/);
  assert.equal((await put(`${receiver.url}/a`)).secret, a.secret);
  const b = await put(`${receiver.url}/b`);
  assert.notEqual(b.secret, a.secret);
  await assert.rejects(put("shop.example.com"), Cloudflare.BadRequestError);
  assert.deepEqual(await cf.stream.webhooks.get({ account_id }), b);
  await cf.stream.webhooks.delete({ account_id });
  await assert.rejects(cf.stream.webhooks.get({ account_id }), Cloudflare.NotFoundError);
});

test("errors are the SDK's classes, and who asks comes before what exists", async () => {
  const gone = "0123456789abcdef0123456789abcdef";
  for (const get of [(c) => c.stream.get(gone, { account_id }), (c) => c.get(stream("/x/y/z"))]) {
    await assert.rejects(get(client("wrong")), Cloudflare.AuthenticationError);
    await assert.rejects(get(cf), Cloudflare.NotFoundError);
  }
  await assert.rejects(
    cf.stream.list({ account_id: gone }).then(() => 0),
    Cloudflare.PermissionDeniedError,
  );
  const want = fixture("error-envelopes");
  const cases = [
    ["authentication", "GET", stream("/live_inputs"), { token: null }],
    ["forbidden", "GET", `/accounts/${gone}/stream`, {}],
    ["invalidAuthHeader", "GET", stream("/live_inputs"), { token: "" }],
    ["noRoute", "GET", stream("/nope/nope"), {}],
    ["notFound", "DELETE", stream(`/live_inputs/${gone}`), {}],
    ["badRequest", "POST", stream("/live_inputs"), { body: "[1]" }],
    ["badRequest", "POST", stream("/live_inputs"), { body: "{" }],
    ["tooLarge", "POST", stream("/live_inputs"), { body: " ".repeat(300 << 10) }],
  ];
  for (const [name, method, path, how] of cases) {
    const { status, json } = await engine.call(method, path, how);
    assert.equal(status, want[name].httpStatus, name);
    assert.deepEqual(Object.keys(json).sort(), Object.keys(want[name].body).sort(), name);
    assert.equal(json.result, null);
    assert.equal(json.errors[0].code, want[name].body.errors[0].code, name);
  }
  const none = await engine.call("POST", stream("/direct_upload"), { body: {} });
  assert.equal(none.status, 501);
  assert.equal(none.headers.get("x-should-retry"), "false");
});

test("tokens verify", async () => {
  assert.equal((await cf.user.tokens.verify()).status, "active");
  assert.equal((await cf.get(`/accounts/${ACCOUNT}/tokens/verify`)).result.status, "active");
});

test("a broadcast: notified, shown, recorded, announced with a signature", async () => {
  const hook = await cf.stream.webhooks.update({
    account_id,
    notificationUrl: `${receiver.url}/vod`,
  });
  const { id } = await cf.alerting.destinations.webhooks.create({
    account_id,
    name: "shop",
    url: `${receiver.url}/live`,
    secret: "s3cret",
  });
  assert.deepEqual(
    JSON.parse(receiver.got.find((m) => m.path === "/live").body),
    fixture("notification-destination-test"),
  );
  await cf.alerting.policies.create({
    account_id,
    ...fixture("alerting-policy-create-request"),
    mechanisms: { webhooks: [{ id }] },
    filters: {},
  });
  const input = await cf.stream.liveInputs.create({
    account_id,
    meta: { name: "Evening" },
    recording: { mode: "automatic" },
  });
  const idle = await fetch(input.playback.hls);
  assert.equal(idle.status, 204);

  const air = broadcast(`rtmp://${engine.rtmp}/live/${input.rtmps.streamKey}`, 4);
  const event = (type) => (m) => m.path === "/live" && m.body.includes(`"event_type":"${type}"`);
  const on = await receiver.wait(event("live_input.connected"));
  assert.equal(on.headers["cf-webhook-auth"], "s3cret");
  assert.equal(JSON.parse(on.body).data.input_id, input.uid);
  const now = await until(async () => {
    const got = await cf.stream.liveInputs.get(input.uid, { account_id });
    return got.status?.current.ingest?.height && got;
  });
  assert.equal(now.status.current.state, "connected");
  assert.equal(now.status.current.ingest.height, 320);
  const videos = await cf.get(stream(`/live_inputs/${input.uid}/videos`));
  assert.equal(videos.result[0].status.state, "live-inprogress");

  assert.deepEqual(await air.ended, { code: 0, log: "" });
  await receiver.wait(event("live_input.disconnected"));
  const done = await receiver.wait((m) => m.path === "/vod");
  const sig = /^time=(\d+),sig1=([0-9a-f]{64})$/.exec(done.headers["webhook-signature"]);
  const mac = createHmac("sha256", hook.secret).update(`${sig[1]}.${done.body}`).digest("hex");
  assert.equal(sig[2], mac);
  const video = JSON.parse(done.body);
  assert.equal(video.status.state, "ready");
  assert.equal(video.liveInput, input.uid);
  assert.ok(video.duration > 3 && video.duration < 5, `duration ${video.duration}`);
  assert.deepEqual(
    Object.keys(video).sort(),
    Object.keys(fixture("webhook-video-ready.body")).sort(),
  );
  assert.deepEqual(await cf.stream.get(video.uid, { account_id }), video);

  const picture = await fetch(video.thumbnail);
  assert.equal(picture.headers.get("content-type"), "image/jpeg");
  assert.equal(Buffer.from(await picture.arrayBuffer()).readUInt16BE(0), 0xffd8);
  const vod = await fetch(video.playback.hls);
  assert.equal(vod.status, 200);
  const listed = [];
  for await (const row of cf.stream.list({ account_id, status: "ready" })) listed.push(row.uid);
  assert.deepEqual(listed, [video.uid]);
  const edited = await cf.stream.edit(video.uid, { account_id, meta: { name: "kept" } });
  assert.equal(edited.meta.name, "kept");
  const usage = await cf.stream.videos.storageUsage({ account_id });
  assert.equal(usage.videoCount, 1);
  await cf.stream.delete(video.uid, { account_id });
  await assert.rejects(cf.stream.get(video.uid, { account_id }), Cloudflare.NotFoundError);
  assert.equal((await fetch(video.playback.hls)).status, 404);
});

test("disabling ends a broadcast; the encoder cannot come back", async () => {
  const input = await cf.stream.liveInputs.create({ account_id, recording: { mode: "automatic" } });
  const url = `rtmp://${engine.rtmp}/live/${input.rtmps.streamKey}`;
  const air = broadcast(url, 60);
  const state = async () =>
    (await cf.stream.liveInputs.get(input.uid, { account_id })).status?.current.state;
  await until(async () => (await state()) === "connected");
  await cf.stream.liveInputs.update(input.uid, { account_id, enabled: false });
  await air.ended;
  assert.equal(await state(), "disconnected");
  await broadcast(url, 5).ended;
  assert.equal(await state(), "disconnected");
  await cf.stream.liveInputs.delete(input.uid, { account_id });
});

test("nothing secret is in the log, and metrics count", async () => {
  const input = await cf.stream.liveInputs.create({ account_id });
  const text = await (await fetch(`${engine.url}/metrics`)).text();
  assert.match(text, /^streamd_webhooks_sent_total [1-9]/m);
  assert.match(text, /^streamd_http_requests_total\{class="2xx"\} [1-9]/m);
  for (const secret of [TOKEN, input.rtmps.streamKey, "s3cret", "sig1="])
    assert.ok(!engine.log.includes(secret));
  assert.doesNotMatch(engine.log, /[0-9a-f]{32}k[0-9a-f]{32}/);
});
