import type { Option } from '../api/sale.ts';
import { lang, orderOf, type Lang } from '../i18n/area.ts';
import { t } from './strings.ts';

const han = /\p{Script=Han}/u;
const scripts: Record<Lang, RegExp> = {
  'zh-TW': han, 'zh-CN': han, th: /\p{Script=Thai}/u, ja: /[\p{Script=Hiragana}\p{Script=Katakana}]/u, en: /^[\p{Script=Latin}\d\s.,/()-]+$/u,
};

/** What a value is called in the reader's script, else in the next that they know; else its name. */
export function wordOf(value: string, words: readonly string[] | undefined, l: Lang): string {
  for (const next of orderOf(l)) {
    const word = words?.find((w) => scripts[next].test(w));
    if (word) return word;
  }
  return value;
}

/** The options of what was chosen, as the reader calls them. `words` of each: its name, then what else it is called. */
export const optionText = (options: readonly string[], words?: readonly (readonly string[] | undefined)[]): string =>
  options.map((o, i) => wordOf(o, words?.[i], lang.value)).join(' ');

/** The words of each value chosen, as a listing has them. */
export const wordsIn = (options: readonly Option[] | undefined, chosen: readonly string[]): (readonly string[] | undefined)[] =>
  chosen.map((value, i) => options?.[i]?.words?.find((w) => w[0] === value));

/** What most sellers sort by, however they call it. */
const common: ['opt.color' | 'opt.size', RegExp][] = [
  ['opt.color', /^(?:顏色|颜色|色|สี|colou?rs?|カラー)$/iu],
  ['opt.size', /^(?:尺寸|尺碼|尺码|大小|ขนาด|ไซส์|ไซซ์|sizes?|サイズ)$/iu],
];

/** The title of an option as the reader calls it: "顏色/สี/Colour" has a word for each, and what is common has ours. */
export function optionTitle(name: string): string {
  const words = name.split('/').map((w) => w.trim()).filter(Boolean);
  const known = common.find(([, names]) => words.some((w) => names.test(w)));
  return known ? t(known[0]) : wordOf(name, words.length > 1 ? words : undefined, lang.value);
}
