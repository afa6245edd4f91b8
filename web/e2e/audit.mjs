// How a screen is looked at: axe, sizes of what can be tapped, what hangs over the side, raw strings.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const smallest = { width: 320, height: 640 };
const target = 44;

/** What axe finds, one line each. */
export async function audit(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => {
    // It looks for the visible word among words between spaces; Thai has none between words.
    const words = { 'label-content-name-mismatch': { enabled: document.documentElement.lang !== 'th' } };
    return window.axe.run(document, { resultTypes: ['violations'], rules: words });
  });
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`);
}

/** What can be tapped and is smaller than a finger. Links in running text and hidden radios may be. */
export function smallTargets(page) {
  return page.evaluate((least) => {
    const all = [...document.querySelectorAll('button, a[href], input, select, textarea, [role="button"], [role="slider"], summary')];
    return all
      .map((el) => {
        const label = el.matches('input[type="radio"], input[type="checkbox"]') ? el.closest('label') : null;
        const box = label ?? el;
        const r = box.getBoundingClientRect();
        return { box, r, seen: box.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) };
      })
      .filter(({ box, r, seen }) => seen && r.width > 1 && r.height > 1 && getComputedStyle(box).display !== 'inline')
      .map(({ box, r }) => {
        // A target may reach beyond what is drawn by a pseudo-element.
        const reach = (x, y) => {
          const hit = document.elementFromPoint(x, y);
          return hit !== null && (hit === box || box.contains(hit));
        };
        const cx = r.left + r.width / 2;
        const cy = r.top + r.height / 2;
        const half = least / 2 - 1;
        const inside = cx > half && cy > half && cx < innerWidth - half && cy < innerHeight - half && reach(cx, cy);
        const wide = r.width >= least - 0.5 || (inside && reach(cx - half, cy) && reach(cx + half, cy));
        const high = r.height >= least - 0.5 || (inside && reach(cx, cy - half) && reach(cx, cy + half));
        return wide && high ? null : `${box.tagName.toLowerCase()}.${box.className} ${Math.round(r.width)}x${Math.round(r.height)} ${box.getAttribute('data-testid') ?? box.textContent.slice(0, 20)}`;
      })
      .filter((x) => x !== null);
  }, target);
}

export const overhang = (page) =>
  page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth);

/** Texts that look like the key of a string, or a placeholder nobody has filled. */
export const rawKeys = (page) =>
  page.evaluate(() => document.body.innerText.split(/\s+/).filter((x) => /^[a-z]+\.[a-z][A-Za-z0-9]*$/.test(x) || /^\{\w+\}$/.test(x)));

/** In the page: what fades or slides in has arrived. Half-way through a fade no contrast is right. */
export const stillness = () =>
  Promise.all(
    document
      .getAnimations()
      .filter((a) => a.effect?.getComputedTiming().iterations !== Infinity)
      .map((a) => a.finished.catch(() => undefined)),
  ).then(() => undefined);
