import { area } from '../../i18n/area.ts';
import { addArea } from '../../i18n/index.ts';
import type zhTW from './i18n/zh-TW.json';

type Strings = Record<keyof typeof zhTW, string>;

/** The strings of legal texts and privacy: only owners and managers load them. */
const strings = area<Strings>({
  'zh-TW': () => import('./i18n/zh-TW.json'),
  th: () => import('./i18n/th.json'),
  en: () => import('./i18n/en.json'),
  'zh-CN': () => import('./i18n/zh-CN.json'),
  ja: () => import('./i18n/ja.json'),
});
export const l = strings.t;

export const legalTextsReady = (): Promise<void> => addArea((to) => strings.load(to));
