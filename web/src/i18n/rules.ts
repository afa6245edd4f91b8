/** What a string must keep to in each language. Only tests read this. */
import type { Lang } from './area.ts';

/** The names of the marks in a text, each once. */
export const marks = (s: string | undefined): string => [...new Set([...(s ?? '').matchAll(/\{(\w+)(?:\|[^}]*)?\}/g)].map((m) => m[1]))].toSorted().join();

export const loud = (s: string): boolean => /[!！]/.test(s);

/**
 * The characters that a national standard has: what is in none of its rows was written in another
 * script. The decoder of each old encoding holds the table: no list of our own grows stale.
 */
function standard(encoding: string, rows: [number, number][], cells: [number, number][]): Set<string> {
  const decoder = new TextDecoder(encoding);
  const out = new Set<string>();
  for (const [from, to] of rows)
    for (let row = from; row <= to; row++)
      for (const [first, last] of cells)
        for (let cell = first; cell <= last; cell++) out.add(decoder.decode(Uint8Array.of(row, cell)));
  return out;
}

const gb2312 = standard('gbk', [[0xb0, 0xf7]], [[0xa1, 0xfe]]);
const big5 = standard('big5', [[0xa4, 0xc6], [0xc9, 0xf9]], [[0x40, 0x7e], [0xa1, 0xfe]]);
const jisX0208 = standard('euc-jp', [[0xb0, 0xf4]], [[0xa1, 0xfe]]);

/** The languages themselves, whose names stand in every catalogue. */
const tongues = /中文|ไทย|English/g;
const outside = (s: string, known: Set<string>): string[] => [...s].filter((c) => /\p{Script=Han}/u.test(c) && c !== '々' && !known.has(c));

/** What in a text is not of the script of its language. */
export function foreign(text: string, l: Lang): string[] {
  const s = text.replaceAll(tongues, '');
  const of = (script: RegExp): string[] => s.match(script) ?? [];
  if (l === 'en') return of(/[\p{Script=Han}\p{Script=Thai}\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  if (l === 'th') return of(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  if (l === 'ja') return [...outside(s, jisX0208), ...of(/\p{Script=Thai}/gu)];
  return [...outside(s, l === 'zh-TW' ? big5 : gb2312), ...of(/[\p{Script=Thai}\p{Script=Hiragana}\p{Script=Katakana}]/gu)];
}

/** Words that are written the same everywhere: makers' names and signs. */
const same = new Set(
  `Nightmarket Apple Pay OK mart FamilyMart Hi Life LINE Rabbit PromptPay TrueMoney ShopeePay PLUS SCB EASY KMA Krungthai NEXT
   Bualuang mBanking WebATM TWQR Omise ECPay OBS HashKey HashIV MerchantID CreditCheckCode Visa Mastercard JCB ELEVEN SKU CSV
   Cookie Google Facebook`.split(/\s+/),
);

/** Is a text made of such names, marks, figures and signs alone? */
export const names = (s: string): boolean => s.replaceAll(/\{[^}]*\}/g, '').split(/[^\p{L}]+/u).every((w) => w.length < 2 || same.has(w));
