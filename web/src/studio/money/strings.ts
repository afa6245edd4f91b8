import { area } from '../../i18n/area.ts';
import { addArea } from '../../i18n/index.ts';
import type zhTW from './i18n/zh-TW.json';

type Strings = Record<keyof typeof zhTW, string>;
export type Key = keyof Strings;

/** The strings of money pages: staff who pack never load them. */
const strings = area<Strings>({
  'zh-TW': () => import('./i18n/zh-TW.json'),
  th: () => import('./i18n/th.json'),
  en: () => import('./i18n/en.json'),
  'zh-CN': () => import('./i18n/zh-CN.json'),
  ja: () => import('./i18n/ja.json'),
});
export const m = strings.t;

export const moneyReady = (): Promise<void> => addArea((l) => strings.load(l));
