import { area, type Lang } from '../i18n/area.ts';
import { addArea } from '../i18n/index.ts';
import type zhTW from './i18n/zh-TW.json';

type Strings = Record<keyof typeof zhTW, string>;

/** What terms and privacy say: a template, one file a language, that whoever runs a shop replaces. */
const strings = area<Strings>({
  'zh-TW': () => import('./i18n/zh-TW.json'),
  th: () => import('./i18n/th.json'),
  en: () => import('./i18n/en.json'),
  'zh-CN': () => import('./i18n/zh-CN.json'),
  ja: () => import('./i18n/ja.json'),
});
export const t = strings.t;
export const legalReady = (): Promise<void> => addArea((l: Lang) => strings.load(l));
