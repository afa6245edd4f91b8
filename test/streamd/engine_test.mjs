// The streamd program from outside: options, certificates, refusals, kills and restarts.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "node:tls";

import { ACCOUNT, broadcast, startEngine, startReceiver, until } from "./engine.mjs";

const program = join(process.env.NM_BUILD ?? "build/release", "streamd");
const inputs = `/accounts/${ACCOUNT}/stream/live_inputs`;

async function makeInput(engine, body = { recording: { mode: "automatic" } }) {
  const { json } = await engine.call("POST", inputs, { body });
  return json.result;
}

const keyUrl = (engine, input) => `rtmp://${engine.rtmp}/live/${input.rtmps.streamKey}`;

async function videosOf(engine, input) {
  return (await engine.call("GET", `${inputs}/${input.uid}/videos`)).json.result;
}

test("a bad option is one line that names it, and exit 2", () => {
  for (const [args, env, name] of [
    [["--listen", "here"], {}, "--listen"],
    [["--nonsense"], {}, "--nonsense"],
    [[], { STREAMD_ACCOUNT: "XYZ" }, "STREAMD_ACCOUNT"],
    [[], { STREAMD_TLS_KEY: "x" }, "STREAMD_TLS_KEY"],
  ]) {
    const { status, stderr } = spawnSync(program, args, { env: { ...process.env, ...env } });
    assert.equal(status, 2);
    assert.equal(stderr.toString().trim().split("\n").length, 1);
    assert.ok(stderr.includes(name), stderr.toString());
  }
  assert.match(spawnSync(program, ["--version"]).stdout.toString(), /^streamd \d/);
  assert.match(spawnSync(program, ["--help"]).stdout.toString(), /STREAMD_PUBLIC_URL/);
});

test("the token is made once, and the folder is ours alone", async () => {
  const engine = await startEngine({ STREAMD_TOKEN: "", STREAMD_ACCOUNT: "" });
  const token = readFileSync(join(engine.folder, "token"), "utf8").trim();
  const account = readFileSync(join(engine.folder, "account"), "utf8").trim();
  assert.match(account, /^[0-9a-f]{32}$/);
  assert.ok(!engine.log.includes(token));
  for (const file of ["token", "ca/ca.key", "ca/server.key", "streamd.db"])
    assert.equal(statSync(join(engine.folder, file)).mode & 0o777, 0o600, file);
  assert.equal(statSync(engine.folder).mode & 0o777, 0o700);
  const answer = await engine.call("GET", `/accounts/${account}/stream/live_inputs`, { token });
  assert.equal(answer.status, 200);
  const second = spawnSync(program, ["--listen", "127.0.0.1:0", "--data", engine.folder]);
  assert.equal(second.status, 1);
  assert.match(second.stderr.toString(), /another streamd uses the data folder/);
  assert.equal(await engine.stop(), 0);
});

test("RTMPS is trusted by whoever trusts our authority, with TLS 1.2 too", async () => {
  const engine = await startEngine();
  const ca = readFileSync(join(engine.folder, "ca/ca.pem"));
  const port = engine.rtmps.split(":").at(-1);
  for (const [servername, version] of [
    ["localhost", "TLSv1.2"],
    ["localhost", "TLSv1.3"],
  ]) {
    const at = { host: "127.0.0.1", port, ca, servername, minVersion: version, maxVersion: version };
    await new Promise((resolve, reject) => {
      const socket = connect(at, () => resolve(socket.destroy())).on("error", reject);
    });
  }
  await assert.rejects(
    new Promise((resolve, reject) => {
      connect({ host: "127.0.0.1", port, servername: "localhost" }, resolve).on("error", reject);
    }),
    /certificate/,
  );
  const input = await makeInput(engine);
  assert.equal(input.rtmps.url, `rtmps://localhost:${port}/live/`);
  const air = broadcast(input.rtmps.url + input.rtmps.streamKey, 2);
  assert.equal((await air.ended).code, 0);
  assert.equal((await videosOf(engine, input)).length, 1);
  assert.equal(await engine.stop(), 0);
});

test("malformed requests are refused", async () => {
  const engine = await startEngine();
  const [host, port] = engine.http.split(":");
  const run = spawnSync("python3", [
    "-c",
    "import sys; sys.path.insert(0, 'test/http'); import refusals;" +
      `print(refusals.check('${host}', ${port}, '/healthz', '/client/v4${inputs}'))`,
  ]);
  assert.equal(run.stdout.toString().trim(), "[]", run.stderr.toString());
  assert.equal(await engine.stop(), 0);
});

test("a broadcast goes on as the same video after a kill", async () => {
  let engine = await startEngine({ STREAMD_GRACE_S: "20" });
  const input = await makeInput(engine);
  const first = broadcast(keyUrl(engine, input), 60);
  await until(async () => (await videosOf(engine, input)).length);
  const [before] = await until(async () => {
    const manifest = await fetch(`${engine.url}/${input.uid}/manifest/video.m3u8`);
    return manifest.status === 200 && videosOf(engine, input);
  });
  engine.child.kill("SIGKILL");
  await engine.ended;
  await first.ended;

  engine = await startEngine({ STREAMD_GRACE_S: "20" }, engine.folder);
  const second = broadcast(keyUrl(engine, input), 3);
  assert.equal((await second.ended).code, 0);
  const after = await videosOf(engine, input);
  assert.deepEqual(after.map((v) => v.uid), [before.uid]);
  assert.equal(after[0].status.state, "live-inprogress");
  assert.equal(await engine.stop(), 0);
});

test("a recording cut off by a kill is finished after the restart, and announced", async () => {
  const receiver = await startReceiver();
  let engine = await startEngine({ STREAMD_GRACE_S: "1" });
  await engine.call("PUT", `/accounts/${ACCOUNT}/stream/webhook`, {
    body: { notificationUrl: `${receiver.url}/vod` },
  });
  receiver.answer = 503; // the first attempts find nobody
  const input = await makeInput(engine);
  const air = broadcast(keyUrl(engine, input), 60);
  const [video] = await until(async () => {
    const rows = await videosOf(engine, input);
    const manifest = await fetch(`${engine.url}/${input.uid}/manifest/video.m3u8`);
    return rows.length && manifest.status === 200 && rows;
  });
  engine.child.kill("SIGKILL");
  await engine.ended;
  await air.ended;
  engine = await startEngine({ STREAMD_GRACE_S: "1" }, engine.folder);
  await receiver.wait((m) => m.body.includes(video.uid));
  assert.equal(await engine.stop({ keep: true }), 0);
  receiver.answer = 200;
  engine = await startEngine({ STREAMD_GRACE_S: "1" }, engine.folder);
  const count = receiver.got.length;
  await until(() => receiver.got.length > count);
  const done = JSON.parse(receiver.got.at(-1).body);
  assert.equal(done.uid, video.uid);
  assert.equal(done.status.state, "ready");
  assert.ok(done.duration > 0);
  receiver.stop();
  assert.equal(await engine.stop(), 0);
});

test("SIGTERM during a broadcast: publishers end, exit 0, the recording plays afterwards", async () => {
  let engine = await startEngine({ STREAMD_GRACE_S: "1" });
  const input = await makeInput(engine);
  const air = broadcast(keyUrl(engine, input), 60);
  await until(async () => {
    const manifest = await fetch(`${engine.url}/${input.uid}/manifest/video.m3u8`);
    return manifest.status === 200;
  });
  assert.equal(await engine.stop({ keep: true }), 0, engine.log);
  await air.ended;
  engine = await startEngine({ STREAMD_GRACE_S: "1" }, engine.folder);
  const video = await until(async () => {
    const [row] = await videosOf(engine, input);
    return row.status.state === "ready" && row;
  });
  const manifest = await (await fetch(video.playback.hls)).text();
  const media = new URL(/^[^#].*$/m.exec(manifest)[0], video.playback.hls);
  assert.match(await (await fetch(media)).text(), /#EXT-X-ENDLIST/);
  assert.equal(await engine.stop(), 0);
});
