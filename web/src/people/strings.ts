import { area, type Lang } from '../i18n/area.ts';
import { addArea } from '../i18n/index.ts';
import { addIcons } from '../ui/icon.tsx';
import { peoplePaths } from '../ui/icon-paths-people.ts';
import type zhTW from './i18n/zh-TW.json';

type Strings = Record<keyof typeof zhTW, string>;
export type PeopleKey = keyof Strings;

/** The strings of coming in and of what is one's own: the sheet in the room, /signin, /me, /h. */
export const peopleStrings = area<Strings>({
  'zh-TW': () => import('./i18n/zh-TW.json'),
  th: () => import('./i18n/th.json'),
  en: () => import('./i18n/en.json'),
  'zh-CN': () => import('./i18n/zh-CN.json'),
  ja: () => import('./i18n/ja.json'),
});
export const tw = peopleStrings.t;

addIcons(peoplePaths);

let asked: Promise<void> | null = null;

export function peopleReady(): Promise<void> {
  asked ??= addArea((l: Lang) => peopleStrings.load(l)).catch((e: unknown) => {
    asked = null;
    throw e;
  });
  return asked;
}
