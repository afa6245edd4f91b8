import { area, asLang, htmlLang, lang, type Lang } from './area.ts';
import type zhTW from './zh-TW.json';

export { asLang, htmlLang, lang, langNames, langs, type Lang } from './area.ts';

type Strings = Record<keyof typeof zhTW, string>;
export type Key = keyof Strings;

/** The viewer side's strings; the studio has an area of its own. */
export const viewer = area<Strings>({
  'zh-TW': () => import('./zh-TW.json'),
  th: () => import('./th.json'),
  en: () => import('./en.json'),
  'zh-CN': () => import('./zh-CN.json'),
  ja: () => import('./ja.json'),
});
export const t = viewer.t;

const others = new Set<(l: Lang) => Promise<void>>();
/** The language that is coming or here: parts that arrive while it changes load this one. */
let coming: Lang = lang.value;

/** A lazy part of the app registers its own loader once; it is called on every change of language. */
export async function addArea(load: (l: Lang) => Promise<void>): Promise<void> {
  others.add(load);
  let got: Lang;
  do {
    got = coming;
    await load(got);
  } while (got !== coming);
}

export async function setLang(l: Lang): Promise<void> {
  coming = l;
  await Promise.all([viewer.load(l), ...[...others].map((load) => load(l))]);
  lang.value = l;
  document.documentElement.lang = htmlLang(l);
  document.cookie = `nm_lang=${l}; path=/; max-age=31536000; samesite=lax`;
  follow();
}

let following = false;

/** Chosen in another tab, a language is chosen here, too, where the browser tells of cookies. */
function follow(): void {
  if (following || !('cookieStore' in window)) return;
  following = true;
  window.cookieStore.addEventListener('change', ({ changed }) => {
    const chosen = changed.find((c) => c.name === 'nm_lang')?.value;
    if (chosen && asLang(chosen) !== coming) void setLang(asLang(chosen));
  });
}
