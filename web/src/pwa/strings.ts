import { area, type Lang } from '../i18n/area.ts';
import { addArea } from '../i18n/index.ts';
import type zhTW from './i18n/zh-TW.json';

type Strings = Record<keyof typeof zhTW, string>;
export type AppKey = keyof Strings;

/** The strings of the app on the phone: offline, updates, installing, notices, reminders. */
const strings = area<Strings>({
  'zh-TW': () => import('./i18n/zh-TW.json'),
  th: () => import('./i18n/th.json'),
  en: () => import('./i18n/en.json'),
  'zh-CN': () => import('./i18n/zh-CN.json'),
  ja: () => import('./i18n/ja.json'),
});
export const ta = strings.t;

let asked: Promise<void> | null = null;

/** Has the strings loaded, once, and again for every change of language. */
export function appReady(): Promise<void> {
  asked ??= addArea((l: Lang) => strings.load(l)).catch((e: unknown) => {
    asked = null;
    throw e;
  });
  return asked;
}
