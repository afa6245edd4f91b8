// A screen as it stands in every language, without loading it again: what is cut, what hangs over,
// what is missing; and once with every text of ours 40 % longer and in brackets, so that whatever
// has none was never in a catalogue.
import { overhang, rawKeys, smallest, stillness } from './audit.mjs';

export const tongues = ['zh-TW', 'th', 'en', 'zh-CN', 'ja'];
const tags = { 'zh-TW': 'zh-Hant-TW', 'zh-CN': 'zh-Hans-CN' };

/** The English catalogues of this browser can be made longer, see `stretch()`. Before any is loaded. */
export async function openCatalogues(context) {
  await context.route(/\/assets\/en-[^/]*\.js$/, async (route) => {
    const res = await route.fetch();
    const text = await res.text();
    const strings = /(\w+) as default/.exec(text)?.[1];
    await route.fulfill({ response: res, body: strings ? `${text};(globalThis.nmEnglish??=[]).push(${strings})` : text });
  });
}

/** Chosen as in another tab: the page follows its cookie. */
export async function speak(page, lang) {
  await page.evaluate((l) => {
    document.cookie = `nm_lang=${l}; path=/; samesite=lax`;
  }, lang);
  await page.waitForFunction((tag) => document.documentElement.lang === tag, tags[lang] ?? lang, { polling: 'raf' });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Every English text accented, bracketed and 40 % longer, or as it was. Shown by the next `speak(page, 'en')`. */
const stretch = (page, on) =>
  page.evaluate((longer) => {
    const accents = { a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', A: 'Á', E: 'É', I: 'Í', O: 'Ó', U: 'Ú' };
    const one = (s) => `[${s.replace(/\{[^}]*\}|[aeiouAEIOU]/g, (c) => accents[c] ?? c)}${' ~~~'.repeat(Math.ceil((s.length * 0.4) / 4))}]`;
    const plain = (globalThis.nmPlain ??= new Map());
    for (const c of globalThis.nmEnglish ?? []) {
      if (!plain.has(c)) plain.set(c, { ...c });
      for (const [k, s] of Object.entries(plain.get(c))) c[k] = longer ? one(s) : s;
    }
  }, on);

/** Texts of ours that do not fit: cut off, running out of their button, or over the side. */
export const cutTexts = (page) =>
  page.evaluate(() => {
    const found = [];
    const seen = (el) => el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !el.closest('.vh, [aria-hidden="true"], [inert]');
    const say = (why, el) => found.push(`${why}: ${el.tagName.toLowerCase()}.${el.className} "${el.textContent.trim().slice(0, 50)}"`);
    const rolls = (el) => {
      for (let p = el; p && p !== document.body; p = p.parentElement) if (/auto|scroll/.test(getComputedStyle(p).overflowX) && p.scrollWidth > p.clientWidth + 1) return true;
      return false;
    };
    // Names and titles of others may end in dots; our own words may not. On pages made longer they have brackets.
    const ours = (el) => /^\[[^[\]\p{Script=Han}\p{Script=Thai}]*\]$/u.test(el.textContent.trim());
    for (const el of document.querySelectorAll('body *')) {
      if (![...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !seen(el) || el.matches('option, script, style, video')) continue;
      const s = getComputedStyle(el);
      if (s.overflowX !== 'visible' && !/auto|scroll/.test(s.overflowX) && el.scrollWidth > el.clientWidth + 1 && el.clientWidth > 1 && (ours(el) || s.textOverflow !== 'ellipsis')) say('cut', el);
      if (s.overflowY !== 'visible' && !/auto|scroll/.test(s.overflowY) && el.scrollHeight > el.clientHeight + 2 && el.clientHeight > 1 && s.webkitLineClamp === 'none') say('cut below', el);
      const range = document.createRange();
      range.selectNodeContents(el);
      const text = range.getBoundingClientRect();
      if (text.right > innerWidth + 1 && !rolls(el) && s.textOverflow !== 'ellipsis' && !el.closest('.cut')) say('over the side', el);
      const box = el.closest('button, .btn, .pill, .chip, .seg > *, .tabs > *, th');
      if (!box) continue;
      const r = box.getBoundingClientRect();
      const out = Math.max(r.left - text.left, text.right - r.right);
      if (out > 1 && s.position !== 'absolute' && s.textOverflow !== 'ellipsis' && !el.closest('.cut')) say(`${Math.round(out)} px out of its button`, el);
    }
    return found;
  });

/**
 * Visible texts without brackets on a page that was made longer: never in a catalogue. What people
 * wrote, names of makers, figures, codes and days may have none.
 */
const unbracketed = (page, theirs) =>
  page.evaluate((known) => {
    const may = new RegExp(known, 'giu');
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    for (let n = walker.nextNode(); n; n = walker.nextNode()) {
      const el = n.parentElement;
      if (!el || el.closest('script, style, noscript, option, code, [lang]:not(html), .num, .hash, .legal, textarea') || !el.checkVisibility({ checkVisibilityCSS: true })) continue;
      if (/[áéíóúÁÉÍÓÚ~]/.test(n.data)) continue; // made longer, if only as a part: a link inside it splits a text
      const rest = n.data.replace(may, ' ').replace(/[\p{Script=Han}\p{Script=Thai}]+/gu, ' ');
      if (/\p{L}{3,}/u.test(rest)) found.add(`not of a catalogue: "${n.data.trim().slice(0, 60)}"`);
    }
    return [...found];
  }, theirs);

const days = '\\b(mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|GMT|UTC|days?|hours?|minutes?|ago)\\b';
const makers = 'Nightmarket|Apple Pay|7-ELEVEN|FamilyMart|Hi-Life|OK mart|LINE Pay|LINE|Google|Facebook|PromptPay|TrueMoney|ShopeePay|Krungthai NEXT|SCB EASY|Bualuang mBanking|WebATM|TWQR|K PLUS|KMA|Omise|ECPay|OBS|Larix|HashKey|HashIV|English|NT\\$|RTMPS|CSV|Kbps|Mbps|H\\.264|AAC|MerchantID|CreditCheckCode|Webhook|pkey|skey|LIVE|fps|MB|SKU|LIVE100|NOPAISONG|ATM|QR';

/** What reaches furthest over the side. */
const widest = (page) =>
  page.evaluate(() => {
    const out = [...document.querySelectorAll('body *')].map((el) => ({ el, right: el.getBoundingClientRect().right })).filter((x) => x.right > innerWidth + 1);
    const most = out.sort((a, b) => b.right - a.right)[0]?.el;
    return most ? `${most.tagName.toLowerCase()}.${most.className} "${most.textContent.trim().slice(0, 40)}"` : 'nothing seen';
  });

/** What is wrong with the words of a screen as it stands. */
async function look(page) {
  const missing = await page.evaluate(() => document.querySelector('[data-i18n-missing]')?.getAttribute('data-i18n-missing') ?? null);
  const over = await overhang(page);
  return [
    ...(missing ? [`no text for ${missing}`] : []), ...(over > 0 ? [`${over} px wider than the screen: ${await widest(page)}`] : []),
    ...(await rawKeys(page)).map((k) => `raw string ${k}`), ...(await cutTexts(page)),
  ];
}

/**
 * Everything that is wrong with a screen in any language, as wide as it is and (unless `narrow` is
 * false) on the smallest phone. `shot(lang)` names a file for a picture; `also(lang)` looks at more;
 * `theirs` are words that sellers and viewers wrote; `only` some languages. The page comes back in the language `home`.
 */
export async function inEveryTongue(page, { shot, also, theirs = [], narrow = true, home = 'zh-TW', only = tongues }) {
  const faults = [];
  const told = (where, list) => faults.push(...list.map((f) => `${where}: ${f}`));
  const wide = page.viewportSize();
  for (const size of narrow ? [wide, smallest] : [wide]) {
    await page.setViewportSize(size);
    for (const lang of size === wide ? only : ['th']) { // on the smallest phone the longest of all tells enough
      await speak(page, lang);
      if (size === wide && shot?.(lang)) {
        await page.evaluate(stillness);
        await page.screenshot({ path: shot(lang) });
      }
      told(`${lang} at ${size.width}`, [...(await look(page)), ...(size === wide && also ? await also(lang) : [])]);
    }
    if (size === wide && !only.includes('en')) await speak(page, 'en'); // it must be there before it can be made longer
    await speak(page, 'th');
    await stretch(page, true);
    await speak(page, 'en');
    told(`longer at ${size.width}`, [...(await look(page)), ...(size === wide ? await unbracketed(page, [days, makers, ...theirs].join('|')) : [])]);
    await stretch(page, false);
  }
  await page.setViewportSize(wide);
  await speak(page, home);
  return faults;
}
