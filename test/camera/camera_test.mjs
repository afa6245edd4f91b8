// What the camera writes, the reader reads: as it is, and after an encoder and a scaler.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeReader } from './read.mjs';

const camera = join(process.env.NM_BUILD ?? 'build/release', 'tests/camera');
const read = makeReader();

function run(program, args) {
  const r = spawnSync(program, args, { maxBuffer: 1 << 29 });
  assert.equal(r.status, 0, `${program}: ${r.error ?? r.stderr}`);
  return r.stdout;
}

/** The times of frames of `stride` bytes whose luma comes first. */
function times(frames, width, height, stride) {
  const out = [];
  for (let at = 0; at + stride <= frames.length; at += stride)
    out.push(read(frames.subarray(at, at + width * height), width, height));
  return out;
}

/** Steps back in time. A wall clock that is being set may take a small one; a misread is large. */
function stepsBack(list) {
  return list.slice(1).flatMap((ms, i) => (ms < list[i] - 30 ? [[i + 1, list[i], ms]] : []));
}

test('every raw frame carries the time at which it was made', () => {
  const before = Date.now();
  const frames = run(camera, ['--raw', '--size', '320x180', '--fps', '30', '--seconds', '1']);
  const got = times(frames, 320, 180, (320 * 180 * 3) / 2);
  assert.equal(got.length, 30);
  assert.ok(got.every((ms) => ms !== null && ms >= before && ms <= Date.now()));
  assert.deepEqual(stepsBack(got), []);
});

test('the clock survives an encoder and a scaler', () => {
  const folder = mkdtempSync(join(tmpdir(), 'camera-'));
  try {
    const film = join(folder, 'film.flv');
    const before = Date.now();
    run(camera, ['--size', '360x640', '--bitrate', '400', '--seconds', '2', film]);
    const after = Date.now();
    const scaled = ['-vsync', 'passthrough', '-vf', 'scale=202:360:flags=bilinear', '-f', 'rawvideo', '-pix_fmt', 'gray'];
    const got = times(
      run('ffmpeg', ['-loglevel', 'error', '-i', film, ...scaled, 'pipe:1']),
      202,
      360,
      202 * 360,
    );
    assert.ok(got.length > 55);
    assert.deepEqual(
      got.filter((ms) => ms === null),
      [],
    );
    assert.ok(got[0] >= before && got.at(-1) <= after);
    assert.deepEqual(stepsBack(got), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('cells that do not add up are not a time', () => {
  const grey = new Uint8Array(320 * 180).fill(16);
  assert.equal(read(grey, 320, 180), null);
});
