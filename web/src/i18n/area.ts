import { signal } from '@preact/signals';

/** What the API, the cookie and the boot data call a language; `htmlLang` is what the page calls it. */
export type Lang = 'zh-TW' | 'th' | 'en';
export const langs: readonly Lang[] = ['zh-TW', 'th', 'en'];
export const langNames: Record<Lang, string> = { 'zh-TW': '繁體中文', th: 'ไทย', en: 'English' };

export const lang = signal<Lang>('zh-TW');

export type Vars = Record<string, string | number>;
type Catalogue = Record<string, string>;
type Loaders<C extends Catalogue> = Record<Lang, () => Promise<{ default: C }>>;

export const htmlLang = (l: Lang): string => (l === 'zh-TW' ? 'zh-Hant-TW' : l);

export function asLang(s: string | null | undefined): Lang {
  if (s?.startsWith('th')) return 'th';
  return s?.startsWith('en') ? 'en' : 'zh-TW';
}

/** Puts values in `{name}` marks. A mark without a value stays, so that a test sees it. */
export function fill(text: string, vars?: Vars): string {
  if (!vars) return text;
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => String(vars[name] ?? mark));
}

/**
 * The strings of one part of the app. `load` fetches a language; `t` answers from what is loaded
 * and makes the component that called it follow a change of language.
 */
export function area<C extends Catalogue>(loaders: Loaders<C>) {
  const strings = signal<Partial<C>>({});
  return {
    async load(l: Lang): Promise<void> {
      strings.value = (await loaders[l]()).default;
    },
    set(c: Partial<C>): void {
      strings.value = c;
    },
    t(key: keyof C & string, vars?: Vars): string {
      return fill(strings.value[key] ?? key, vars);
    },
  };
}
