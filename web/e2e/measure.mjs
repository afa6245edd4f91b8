// How far behind is the picture, and how soon is it there? Prints a table; `npm run measure`.
//
//   MEASURE_SECONDS=20   how long each row is watched
//
// Latency: the page's clock when a frame is presented, less the clock in that frame. First frame:
// from the navigation to the first frame presented. Run it on a machine with nothing else to do.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { World, phone, until } from './world.mjs';

const seconds = Number(process.env.MEASURE_SECONDS ?? 20);
const hlsJs = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'));

/** A page with hls.js as it comes, and nothing else. */
function plainPage(hls) {
  const html = `<!doctype html><meta charset="utf-8"><video data-testid="video" muted autoplay playsinline></video>
<script src="/hls.js"></script><script>const h = new Hls(); h.loadSource(${JSON.stringify(hls)}); h.attachMedia(document.querySelector('video'));</script>`;
  const server = createServer((req, res) => {
    const js = req.url === '/hls.js';
    res.writeHead(200, { 'content-type': js ? 'text/javascript' : 'text/html' });
    res.end(js ? hlsJs : html);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done({ server, url: `http://127.0.0.1:${server.address().port}/` })));
}

/** Runs before any script of the page: notes each presented frame of the first video there is. */
function watchFrames() {
  window.nmFrames = [];
  const canvas = document.createElement('canvas');
  canvas.width = 160;
  canvas.height = 40;
  const g = canvas.getContext('2d', { willReadFrequently: true });
  const grey = new Uint8Array(160 * 40);
  function note(v) {
    const now = Date.now();
    g.drawImage(v, 0, 0, v.videoWidth, v.videoHeight / 8, 0, 0, 160, 40);
    const rgba = g.getImageData(0, 0, 160, 40).data;
    for (let i = 0; i < grey.length; i++) grey[i] = rgba[4 * i + 1];
    window.nmFrames.push([now, window.nmRead(grey, 160, 40, true), performance.now()]);
    v.requestVideoFrameCallback(() => note(v));
  }
  const look = setInterval(() => {
    const v = document.querySelector('[data-testid="video"]');
    if (!v) return;
    clearInterval(look);
    v.requestVideoFrameCallback(() => note(v));
  }, 4);
}

const at = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];

async function watch(w, url) {
  const context = await w.browser.newContext(phone);
  const { makeReader } = await import('../../test/camera/read.mjs');
  await context.addInitScript(`window.nmRead = (${makeReader})(); (${watchFrames})();`);
  const page = await context.newPage();
  await page.goto(url);
  await until('a first frame', 15_000, () => page.evaluate(() => window.nmFrames?.length > 0));
  const first = await page.evaluate(() => window.nmFrames[0][2]);
  await new Promise((done) => setTimeout(done, seconds * 1000));
  const frames = await page.evaluate(() => window.nmFrames);
  await context.close();
  const settled = frames.filter(([now, clock]) => clock && now > frames[0][0] + 3000).map(([now, clock]) => now - clock);
  const sorted = settled.toSorted((a, b) => a - b);
  const tenth = Math.ceil(settled.length / 10);
  const mean = (list) => list.reduce((s, x) => s + x, 0) / list.length;
  return {
    first: Math.round(first),
    median: at(sorted, 0.5),
    p95: at(sorted, 0.95),
    drift: Math.round(mean(settled.slice(-tenth)) - mean(settled.slice(0, tenth))),
    fps: (settled.length / (seconds - 3)).toFixed(1),
  };
}

const w = await World.open();
try {
  const rows = [];
  for (const gop of [1, 2]) {
    const { id } = await w.makeShow();
    const cast = await w.onAir(id, { size: '720x1280', gop, bitrate: 1500 });
    const show = await until('playback', 10_000, async () => {
      const s = await w.staff.call('GET', `/shows/${id}`);
      return s.playback ? s : null;
    });
    await new Promise((done) => setTimeout(done, 5000));
    const plain = await plainPage(show.playback.hls);
    for (const [who, url] of [['our page', `${w.base}/s/${id}`], ['hls.js defaults', plain.url]])
      rows.push({ player: who, gop_s: gop, ...(await watch(w, url)) });
    plain.server.close();
    await cast.stop();
  }
  console.table(rows);
} finally {
  await w.close();
}
