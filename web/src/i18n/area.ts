import { signal } from '@preact/signals';

/** What the API, the cookie and the boot data call a language; `htmlLang` is what the page calls it. */
export type Lang = 'zh-TW' | 'th' | 'en' | 'zh-CN' | 'ja';
export const langs: readonly Lang[] = ['zh-TW', 'th', 'en', 'zh-CN', 'ja'];
export const langNames: Record<Lang, string> = { 'zh-TW': '繁體中文', th: 'ไทย', en: 'English', 'zh-CN': '简体中文', ja: '日本語' };

export const lang = signal<Lang>('zh-TW');

export type Vars = Record<string, string | number>;
type Catalogue = Record<string, string>;
type Loaders<C extends Catalogue> = Record<Lang, () => Promise<{ default: C }>>;

const tags: Partial<Record<Lang, string>> = { 'zh-TW': 'zh-Hant-TW', 'zh-CN': 'zh-Hans-CN' };
export const htmlLang = (l: Lang): string => tags[l] ?? l;

/** In what order each reader is offered texts that sellers gave in some languages only. */
const wanted: Record<Lang, readonly Lang[]> = {
  'zh-TW': ['zh-TW', 'zh-CN', 'en', 'ja', 'th'],
  th: ['th', 'en', 'zh-TW', 'zh-CN', 'ja'],
  en: ['en', 'zh-TW', 'th', 'zh-CN', 'ja'],
  'zh-CN': ['zh-CN', 'zh-TW', 'en', 'ja', 'th'],
  ja: ['ja', 'en', 'zh-TW', 'zh-CN', 'th'],
};
export const orderOf = (l: Lang): readonly Lang[] => wanted[l];

/** The nearest language we have to any name of one; the market's own when nothing is asked. */
export function asLang(s: string | null | undefined): Lang {
  const [first = '', ...rest] = (s ?? '').toLowerCase().split(/[-_]/);
  if (first === 'zh') return !rest.includes('hant') && rest.some((r) => r === 'hans' || r === 'cn' || r === 'sg' || r === 'my') ? 'zh-CN' : 'zh-TW';
  return first === '' ? 'zh-TW' : first === 'th' || first === 'ja' ? first : 'en';
}

/**
 * Puts values in `{name}` marks; `{n|item|items}` is the word that goes with one, or with any other
 * number (of our languages only English needs it). A mark without a value stays, so that a test sees it.
 */
export function fill(text: string, vars?: Vars): string {
  if (!vars) return text;
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (mark, name: string, one?: string, many?: string) => {
    const value = vars[name];
    if (value === undefined) return mark;
    return one === undefined ? String(value) : String(value) === '1' ? one : (many ?? '');
  });
}

/** A text that is not in its catalogue shows its key, and the page says so to whoever tests it. */
function missing(key: string): string {
  if (typeof document !== 'undefined') document.documentElement.dataset['i18nMissing'] = key;
  return key;
}

/**
 * The strings of one part of the app. `load` fetches a language; `t` answers from what is loaded
 * and makes the component that called it follow a change of language.
 */
export function area<C extends Catalogue>(loaders: Loaders<C>) {
  const strings = signal<Partial<C> | null>(null);
  return {
    async load(l: Lang): Promise<void> {
      strings.value = (await loaders[l]()).default;
    },
    set(c: Partial<C>): void {
      strings.value = c;
    },
    t(key: keyof C & string, vars?: Vars): string {
      const own = strings.value;
      return fill(own ? (own[key] ?? missing(key)) : key, vars);
    },
  };
}
