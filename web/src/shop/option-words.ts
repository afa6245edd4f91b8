import type { Option } from '../api/sale.ts';
import { lang, orderOf, type Lang } from '../i18n/area.ts';

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
