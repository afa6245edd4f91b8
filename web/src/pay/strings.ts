import { area, type Lang } from '../i18n/area.ts';
import { addArea } from '../i18n/index.ts';
import { addIcons } from '../ui/icon.tsx';
import { payPaths } from '../ui/icon-paths-pay.ts';
import type zhTW from './i18n/zh-TW.json';

type Strings = Record<keyof typeof zhTW, string>;
export type PayKey = keyof Strings;

/** The strings of paying: checkout and the pages after it. The room never loads them. */
export const payStrings = area<Strings>({
  'zh-TW': () => import('./i18n/zh-TW.json'),
  th: () => import('./i18n/th.json'),
  en: () => import('./i18n/en.json'),
  'zh-CN': () => import('./i18n/zh-CN.json'),
  ja: () => import('./i18n/ja.json'),
});
export const tp = payStrings.t;

addIcons(payPaths);

let asked: Promise<void> | null = null;

export function payReady(): Promise<void> {
  asked ??= addArea((l: Lang) => payStrings.load(l)).catch((e: unknown) => {
    asked = null;
    throw e;
  });
  return asked;
}
