// The bars of the design that a machine can hold a page to: contrast over any picture, text at twice
// its size, stillness for who asks for it, room between fingers, what the first visit costs.
import { stillness } from './audit.mjs';

/** The picture becomes one colour: 'white', 'black', or as it was. */
export const flatPicture = (page, colour) =>
  page.evaluate((c) => {
    for (const v of document.querySelectorAll('video, .poster, [data-testid="poster"]')) v.style.filter = { white: 'brightness(0) invert(1)', black: 'brightness(0)' }[c] ?? '';
  }, colour);

/** In the page: every run of text and every icon that can be seen now, and how large its letters are. */
function inkOf(rootSelector) {
  const out = [];
  const seen = (el) => el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const inView = (r) => r.width > 2 && r.height > 4 && r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight && r.right <= innerWidth;
  /** Not under something else, and not where a list fades out. */
  const uncovered = (el, r) => {
    const hit = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
    return hit !== null && (hit === el || el.contains(hit) || hit.contains(el));
  };
  const fades = (el, r) => {
    const box = el.closest('[role="log"]')?.getBoundingClientRect();
    return Boolean(box && r.top < box.top + 48);
  };
  const root = document.querySelector(rootSelector) ?? document.body;
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const el = n.parentElement;
    if (!n.data.trim() || !seen(el) || el.closest('[aria-disabled="true"], [disabled]')) continue;
    const range = document.createRange();
    range.selectNodeContents(n);
    const r = [...range.getClientRects()].find(inView);
    if (!r || fades(el, r) || !uncovered(el, r)) continue;
    const s = getComputedStyle(el);
    const px = parseFloat(s.fontSize);
    out.push({ what: n.data.trim().slice(0, 24), least: px >= 24 || (px >= 18.66 && Number(s.fontWeight) >= 700) ? 3 : 4.5, x: r.x, y: r.y, w: r.width, h: r.height });
  }
  for (const el of root.querySelectorAll('svg')) {
    const r = el.getBoundingClientRect();
    if (!seen(el) || !inView(r) || !uncovered(el.parentElement, r) || el.closest('[aria-disabled="true"], [disabled]')) continue;
    out.push({ what: `icon in ${el.parentElement.getAttribute('data-testid') ?? el.parentElement.className}`, least: 3, x: r.x, y: r.y, w: r.width, h: r.height });
  }
  return out;
}

/** In the page: letters and icons vanish, all else stays. A constructed sheet is not held back by the policy. */
function hideInk(hide) {
  window.nmHide ??= new CSSStyleSheet();
  window.nmHide.replaceSync(hide ? '* { color: transparent !important; text-shadow: none !important; -webkit-text-fill-color: transparent !important; transition: none !important } svg { visibility: hidden !important }' : '');
  if (!document.adoptedStyleSheets.includes(window.nmHide)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, window.nmHide];
}

/** In a blank page: of each box the contrast that its ink has, where it is strongest. */
async function measureInk([withInk, without, boxes, scale]) {
  const pixels = async (b64) => {
    const bytes = Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
    const img = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const g = new OffscreenCanvas(img.width, img.height).getContext('2d', { willReadFrequently: true });
    g.drawImage(img, 0, 0);
    return g;
  };
  const [a, b] = [await pixels(withInk), await pixels(without)];
  const linear = (v) => (v <= 10.31475 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = (d, i) => 0.2126 * linear(d[i]) + 0.7152 * linear(d[i + 1]) + 0.0722 * linear(d[i + 2]);
  return boxes.map((box) => {
    const cut = [box.x * scale, box.y * scale, Math.max(1, box.w * scale), Math.max(1, box.h * scale)].map(Math.round);
    const [ink, ground] = [a.getImageData(...cut).data, b.getImageData(...cut).data];
    const all = [];
    for (let i = 0; i < ink.length; i += 4) {
      const [p, q] = [light(ink, i), light(ground, i)];
      all.push((Math.max(p, q) + 0.05) / (Math.min(p, q) + 0.05));
    }
    all.sort((p, q) => q - p);
    return all[Math.floor(all.length * 0.01)] ?? 21; // letters cover some hundredths of their box
  });
}

/** What cannot be read well: text below 4.5:1 (large: 3:1), icons below 3:1. */
export async function faint(page, scratch, root = 'body') {
  await page.evaluate(stillness);
  const boxes = await page.evaluate(inkOf, root);
  const shot = async () => (await page.screenshot({ type: 'png', animations: 'disabled', caret: 'hide' })).toString('base64');
  const withInk = await shot();
  await page.evaluate(hideInk, true);
  const without = await shot();
  await page.evaluate(hideInk, false);
  const scale = await page.evaluate(() => devicePixelRatio);
  const found = await scratch.evaluate(measureInk, [withInk, without, boxes, scale]);
  return { looked: boxes.length, faults: boxes.map((b, i) => ({ ...b, is: found[i] })).filter((b) => b.is < b.least - 0.05).map((b) => `${b.what}: ${b.is.toFixed(2)} of ${b.least}`) };
}

/** Text at `percent` of its size, as who cannot see well sets it. */
export const textSize = (page, percent) =>
  page.evaluate((p) => {
    document.documentElement.style.fontSize = p === 100 ? '' : `${p}%`;
  }, percent);

/** Buttons, links and fields whose words do not fit: cut at a side, without the dots that say so. */
export const cutWords = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, a[href], label, [role="button"], h1, h2, h3')]
      .filter((el) => el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && el.getBoundingClientRect().width > 1)
      .filter((el) => {
        const s = getComputedStyle(el);
        const hides = s.overflowX !== 'visible' && s.textOverflow !== 'ellipsis' && s.overflowX !== 'auto' && s.overflowX !== 'scroll';
        return (hides && el.scrollWidth > el.clientWidth + 2) || (s.overflowY === 'hidden' && s.webkitLineClamp === 'none' && el.scrollHeight > el.clientHeight + 6);
      })
      .map((el) => `${el.tagName.toLowerCase()}.${el.className} ${el.getAttribute('data-testid') ?? el.textContent.trim().slice(0, 20)}`));

/** Fields that would make a phone zoom, or that it cannot fill in. */
export const poorFields = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('input:not([type="radio"]):not([type="checkbox"]):not([type="hidden"]):not([type="file"]), textarea, select')]
      .filter((el) => el.checkVisibility())
      .flatMap((el) => {
        const name = el.getAttribute('data-testid') ?? el.getAttribute('name') ?? el.className;
        const faults = [];
        if (parseFloat(getComputedStyle(el).fontSize) < 16) faults.push(`${name}: ${getComputedStyle(el).fontSize}`);
        if (/phone/.test(name) && !(el.type === 'tel' || el.inputMode === 'tel')) faults.push(`${name}: no keys for a phone number`);
        if (/email/.test(name) && !(el.type === 'email' || el.inputMode === 'email')) faults.push(`${name}: no keys for an e-mail`);
        if (/postcode/.test(name) && el.inputMode !== 'numeric') faults.push(`${name}: no digits`);
        if (/(^|-)(name|phone|email|postcode|city|line|password)$/.test(name) && !el.autocomplete) faults.push(`${name}: the phone cannot fill it in`);
        return faults;
      }));

/** What moves although nothing should: animations of place or size, and hearts. */
export const moving = (page) =>
  page.evaluate(() => {
    const kinds = ['transform', 'translate', 'scale', 'rotate', 'left', 'top', 'right', 'bottom', 'height', 'width'];
    const all = document.getAnimations().filter((a) => a.playState === 'running' && Number(a.effect?.getComputedTiming().duration) > 20);
    const found = all.filter((a) => a.effect.getKeyframes().some((k) => kinds.some((x) => x in k)));
    const hearts = [...document.querySelectorAll('.hearts > *')].filter((el) => el.checkVisibility());
    return [...found.map((a) => `${a.animationName ?? a.transitionProperty ?? 'script'} of ${a.effect.target?.className}`), ...hearts.map(() => 'a heart')];
  });

/** Fingers: what can be tapped and comes nearer than 8 px to its neighbour while smaller than 44. */
export const crowded = (page) =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll('button, a[href], input, select, textarea, [role="button"], summary')]
      .map((el) => (el.matches('input[type="radio"], input[type="checkbox"]') ? (el.closest('label') ?? el) : el))
      .filter((el, i, list) => list.indexOf(el) === i && el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && getComputedStyle(el).display !== 'inline')
      .map((el) => ({ el, r: el.getBoundingClientRect() }))
      .filter(({ r }) => r.width > 1 && r.height > 1 && r.bottom > 0 && r.top < innerHeight);
    const faults = [];
    const name = (el) => el.getAttribute('data-testid') ?? `${el.tagName.toLowerCase()}.${el.className}`;
    for (let i = 0; i < all.length; i++)
      for (let j = i + 1; j < all.length; j++) {
        const [{ el: p, r: a }, { el: q, r: b }] = [all[i], all[j]];
        if (p.contains(q) || q.contains(p)) continue;
        const dx = Math.max(a.left, b.left) - Math.min(a.right, b.right);
        const dy = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
        const apart = Math.max(dx, dy);
        // Neighbours in one row of choices share their edges; each is a finger wide, and the centres are apart.
        const centres = Math.hypot(a.left + a.width / 2 - b.left - b.width / 2, a.top + a.height / 2 - b.top - b.height / 2);
        const small = Math.min(a.width, a.height, b.width, b.height) < 43.5;
        if (apart < 8 && small && centres < 52) faults.push(`${name(p)} and ${name(q)} are ${Math.round(apart)} px apart`);
      }
    return faults;
  });

/** What a first visit fetches, in bytes on the wire, by kind; video and the player's library apart. */
export function countTransfers(page) {
  const got = [];
  page.on('requestfinished', (req) => {
    got.push((async () => {
      const [sizes, res] = await Promise.all([req.sizes(), req.response()]);
      const bytes = sizes.responseBodySize + sizes.responseHeadersSize;
      const type = res?.headers()['content-type'] ?? '';
      const path = new URL(req.url()).pathname;
      const kind = /\/manifest\/|\.m3u8|\.m4s|\.mp4|seg-|part-|init/.test(path) || /video|mpegurl/.test(type) ? 'video'
        : /hls/.test(path) ? 'player'
        : path.startsWith('/api/') && !/image/.test(type) ? 'api'
        : /sw\.js$/.test(path) || req.serviceWorker?.() ? 'worker'
        : /javascript|json/.test(type) ? 'js'
        : /html|css/.test(type) ? 'page'
        : /font/.test(type) ? 'font'
        : /icon|manifest/.test(path) ? 'icons'
        : /image/.test(type) ? 'pictures' : 'other';
      return { kind, bytes, path };
    })().catch(() => null));
  });
  return async () => {
    const all = (await Promise.all(got)).filter((x) => x !== null);
    const sum = {};
    for (const { kind, bytes } of all) sum[kind] = (sum[kind] ?? 0) + bytes;
    return { sum, all };
  };
}
