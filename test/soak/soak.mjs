// A long broadcast, cut once in its middle, as one strict viewer of the low-latency playlist sees
// it: every reload is checked against the one before, every segment is kept and looked at by
// ffprobe. soak_test.mjs runs a minute of it, `make soak` five.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine, until } from '../streamd/engine.mjs';

const camera = join(process.env.NM_BUILD ?? 'build/release', 'tests/camera');
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Attributes of a tag: NAME=value and NAME="value". */
function attributes(text) {
  return Object.fromEntries([...text.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)/g)].map(([, k, v]) => [k, v.replaceAll('"', '')]));
}

/** A media playlist as data. */
export function parse(text) {
  const p = { segments: [], parts: [], msn: 0, gone: 0, ended: false };
  let next = { cuts: 0, parts: [] };
  let map = null;
  for (const line of text.split('\n')) {
    const at = line.indexOf(':');
    const [tag, value] = at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    if (tag === '#EXT-X-TARGETDURATION') p.target = Number(value);
    else if (tag === '#EXT-X-PART-INF') p.partTarget = Number(attributes(value)['PART-TARGET']);
    else if (tag === '#EXT-X-MEDIA-SEQUENCE') p.msn = Number(value);
    else if (tag === '#EXT-X-DISCONTINUITY-SEQUENCE') p.gone = Number(value);
    else if (tag === '#EXT-X-DISCONTINUITY') next.cuts++;
    else if (tag === '#EXT-X-MAP') map = attributes(value).URI;
    else if (tag === '#EXT-X-PROGRAM-DATE-TIME') next.date = Date.parse(value);
    else if (tag === '#EXT-X-PART') next.parts.push(attributes(value));
    else if (tag === '#EXTINF') next.duration = Number.parseFloat(value);
    else if (tag === '#EXT-X-ENDLIST') p.ended = true;
    else if (line && !line.startsWith('#')) {
      p.segments.push({ ...next, uri: line, map, msn: p.msn + p.segments.length });
      next = { cuts: 0, parts: [] };
    }
  }
  p.parts = next.parts;
  return p;
}

/** Follows one playlist by blocking reloads and keeps what it refers to. */
export class Watcher {
  constructor(url) {
    this.url = url;
    this.known = new Map(); // msn: segment
    this.maps = new Map(); // URI: bytes
    this.reloads = 0;
    this.cuts = 0;
    this.stopped = false;
  }

  async bytes(uri) {
    const answer = await fetch(new URL(uri, this.url));
    assert.equal(answer.status, 200, uri);
    return Buffer.from(await answer.arrayBuffer());
  }

  async run() {
    let ask = '';
    while (!this.stopped) {
      const url = new URL(this.url);
      for (const [k, v] of new URLSearchParams(ask)) url.searchParams.set(k, v);
      const answer = await fetch(url);
      if (answer.status === 503) continue; // waited long enough: nothing new, as in the cut
      assert.equal(answer.status, 200, `${url.search}`);
      const text = await answer.text();
      const p = parse(text);
      await this.look(p, text);
      if (p.ended) return;
      ask = `_HLS_msn=${p.msn + p.segments.length}&_HLS_part=${p.parts.length}`;
    }
  }

  async look(p, text) {
    this.reloads++;
    this.last ??= p;
    assert.equal(p.target, this.last.target, 'TARGETDURATION never changes');
    assert.equal(p.partTarget, this.last.partTarget, 'PART-TARGET never changes');
    assert.ok(p.msn >= this.last.msn, 'MEDIA-SEQUENCE never goes back');
    assert.ok(p.gone >= this.last.gone, 'DISCONTINUITY-SEQUENCE never goes back');
    for (const s of p.segments) await this.segment(s, p, text);
    this.last = p;
  }

  async segment(s, p, text) {
    const was = this.known.get(s.msn);
    if (was) {
      assert.deepEqual([s.uri, s.duration, s.date, s.map], [was.uri, was.duration, was.date, was.map], `segment ${s.msn} changed`);
      return;
    }
    const before = this.known.get(s.msn - 1);
    assert.ok(before || this.known.size === 0, `segment ${s.msn} follows ${[...this.known.keys()].at(-1)}`);
    assert.ok(Math.round(s.duration) <= p.target, `EXTINF ${s.duration} over ${p.target}\n${text}`);
    for (const part of s.parts) assert.ok(Number(part.DURATION) <= p.partTarget + 0.0005, `part of ${part.DURATION} s`);
    if (before && s.cuts === 0) {
      assert.ok(Math.abs(s.date - before.date - before.duration * 1000) < 5, `date of segment ${s.msn} jumps`);
    }
    this.cuts += before ? s.cuts : 0;
    if (!this.maps.has(s.map)) this.maps.set(s.map, await this.bytes(s.map));
    const data = await this.bytes(s.uri);
    this.known.set(s.msn, { ...s, data, epoch: this.cuts });
  }
}

/** Decode times of all packets, by track. */
function packets(file) {
  const args = ['-v', 'error', '-show_entries', 'packet=stream_index,dts_time,duration_time', '-of', 'csv=p=0', file];
  const r = spawnSync('ffprobe', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(r.status, 0, r.stderr);
  assert.equal(r.stderr, '');
  const tracks = new Map();
  for (const line of r.stdout.trim().split('\n')) {
    const [track, dts, duration] = line.split(',');
    if (!tracks.has(track)) tracks.set(track, []);
    tracks.get(track).push([Number(dts), Number(duration)]);
  }
  return tracks;
}

/** No hole and no step back in any track between one cut and the next. */
function checkStream(watcher, epoch, folder) {
  const mine = [...watcher.known.values()].filter((s) => s.epoch === epoch);
  assert.ok(mine.length > 0, `segments of part ${epoch}`);
  const file = join(folder, `epoch-${epoch}.mp4`);
  writeFileSync(file, Buffer.concat([watcher.maps.get(mine[0].map), ...mine.map((s) => s.data)]));
  const tracks = packets(file);
  assert.equal(tracks.size, 2, 'video and audio');
  let worst = 0;
  let frames = 0;
  for (const list of tracks.values())
    for (let i = 1; i < list.length; i++) {
      const step = list[i][0] - list[i - 1][0];
      assert.ok(step > 0, `time stands still at ${list[i][0]}`);
      worst = Math.max(worst, Math.abs(step - list[i - 1][1]));
      frames++;
    }
  rmSync(file);
  return { worst, frames, segments: mine.length };
}

const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** The whole of it; gives figures for a person to read. */
export async function soak(seconds) {
  const engine = await startEngine();
  const film = (s, url) => spawn(camera, ['--size', '360x640', '--gop', '2', '--bitrate', '800', '--preset', 'ultrafast', '--seconds', `${s}`, url], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = (child) => new Promise((done) => child.once('exit', done));
  let child;
  try {
    const made = await engine.call('POST', `/accounts/${process.env.STREAMD_ACCOUNT ?? '023e105f4ecef8ad9ca31a8372d0c353'}/stream/live_inputs`, {
      body: { meta: { name: 'soak' }, recording: { mode: 'automatic', timeoutSeconds: 30 } },
    });
    const { uid, rtmps } = made.json.result;
    child = film(seconds, rtmps.url + rtmps.streamKey);
    const master = `${engine.url}/${uid}/manifest/video.m3u8`;
    const media = await until(async () => {
      const answer = await fetch(master);
      if (answer.status !== 200) return null;
      const line = (await answer.text()).split('\n').find((l) => l && !l.startsWith('#'));
      return line ? new URL(line, master) : null;
    });
    const watcher = new Watcher(media);
    const watching = watcher.run();
    watching.catch(() => undefined);
    await sleep(5000);
    const before = memory(engine.child.pid);
    await sleep((seconds / 2) * 1000 - 5000);
    child.kill('SIGKILL'); // the cable is pulled
    await sleep(2000);
    child = film(seconds / 2, rtmps.url + rtmps.streamKey);
    await ended(child);
    await sleep(1500);
    const after = memory(engine.child.pid);
    watcher.stopped = true;
    await Promise.race([watching, sleep(12_000)]);
    assert.equal(watcher.cuts, 1, 'one discontinuity, where the cut was');
    const figures = [0, 1].map((epoch) => checkStream(watcher, epoch, engine.folder));
    for (const f of figures) assert.ok(f.worst < 0.045, `a hole of ${f.worst} s`);
    const watched = [...watcher.known.values()].reduce((s, x) => s + x.duration, 0);
    assert.ok(watched > seconds - 12, `${watched} s of ${seconds} were seen`);
    return { seconds, reloads: watcher.reloads, segments: watcher.known.size, watched, figures, memory_mb: [before, after] };
  } finally {
    child?.kill('SIGKILL');
    await engine.stop();
  }
}
