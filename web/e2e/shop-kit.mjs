// What the journeys of buying share: a show with goods, and how a page of it is read.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Person, until } from './world.mjs';

const titles = {
  A12: { 'zh-TW': '老街帆布包', th: 'กระเป๋าผ้าใบถนนเก่า', en: 'Old Street canvas bag' },
  A13: { 'zh-TW': '海浪馬克杯', th: 'แก้วลายคลื่น', en: 'Wave mug' },
  A14: { 'zh-TW': '高山烏龍', th: 'ชาอูหลงภูเขาสูง', en: 'Mountain oolong' },
};

const color = { name: '顏色', values: [['黑', 'black', 'ดำ'], ['白', 'white', 'ขาว']] };
const size = { name: '尺寸', values: [['M'], ['L']] };

/** Three products as in the design's rig: A12 bag black/white x M/L, A13 mug of which there is one, A14 of which there are ten. */
export async function makeGoods(w) {
  const make = (body) => w.staff.call('POST', '/products', body);
  const bag = await make({
    title: titles.A12, options: [color, size], media: ['tw-bag'],
    variants: ['黑', '白'].flatMap((c) => ['M', 'L'].map((s) => ({ options: [c, s], prices: { TW: 590, TH: 65_000 }, stock: 20 }))),
  });
  const mug = await make({ title: titles.A13, media: ['tw-mug'], price: { TW: 320, TH: 36_000 }, quantity: 1 });
  const tea = await make({ title: titles.A14, media: ['tw-tea'], price: { TW: 480, TH: 52_000 }, quantity: 10 });
  return { bag, mug, tea };
}

/** Lists goods in a show, in the order of their codes. */
export async function list(w, show, goods) {
  const out = {};
  for (const [code, product] of Object.entries(goods)) {
    out[code] = await w.staff.call('POST', `/shows/${show}/listings`, { product_id: product.id, code });
  }
  return out;
}

export const key = () => randomUUID();

export const claimAs = (who, listing, body, idem = key()) =>
  who.call('POST', `/listings/${listing}/claims`, body, { 'idempotency-key': idem });

export async function newcomers(w, n, name) {
  const all = Array.from({ length: n }, () => new Person(w.base));
  for (const [i, p] of all.entries()) await p.come(`${name}${i + 1}`);
  return all;
}

/** The receipt at the top of the room, when it says so. */
export const receipt = (page, state, ms = 3000) =>
  page.locator(`[data-testid="receipt"][data-is="${state}"]`).waitFor({ timeout: ms });

export const text = (page, id) => page.getByTestId(id).first().innerText();

/** Remembers the picture's element, so that it can be told whether it is still the same one. */
export const markVideo = (page) =>
  page.evaluate(() => {
    window.nmVideo = document.querySelector('[data-testid="video"]');
  });

export const sameVideo = (page) => page.evaluate(() => window.nmVideo === document.querySelector('[data-testid="video"]'));

export async function plays(page) {
  const at = () => page.evaluate(() => document.querySelector('[data-testid="video"]')?.currentTime ?? 0);
  const from = await at();
  await until('the picture goes on', 8000, async () => (await at()) > from + 0.3);
}

/** No amount of Taiwan's with decimals anywhere in the page. */
export async function wholeDollars(page) {
  assert.doesNotMatch(await page.evaluate(() => document.body.innerText), /NT\$\s?\d[\d,]*\.\d/);
}
