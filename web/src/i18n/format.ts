import { htmlLang, lang, orderOf, type Lang } from './area.ts';

/** Text in some of our languages, as the API gives it. */
export type Localized = Partial<Record<Lang, string>>;

/** The text in the reader's language, else in the nearest, with the language it is in. */
export function pick(text: Localized): { text: string; lang: Lang } {
  for (const l of orderOf(lang.value)) {
    const s = text[l];
    if (s) return { text: s, lang: l };
  }
  return { text: '', lang: lang.value };
}

export const count = (n: number): string => new Intl.NumberFormat('en-US').format(n);

const dayMs = 86_400_000;

function dayNumber(ms: number): number {
  const d = new Date(ms);
  return Math.floor(Date.UTC(d.getFullYear(), d.getMonth(), d.getDate()) / dayMs);
}

export const timeOfDay = (ms: number): string =>
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(ms);

/** Days from `now` to `ms` by the reader's calendar: 0 today, 1 tomorrow. */
export const daysAway = (ms: number, now: number): number => dayNumber(ms) - dayNumber(now);

export function dateText(ms: number): string {
  const opts: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric', weekday: 'short' };
  // The Thai locale would count Buddhist years; no year is shown, so the calendar does not matter.
  return new Intl.DateTimeFormat(htmlLang(lang.value), opts).format(ms);
}

/** The reader's own zone in words they know, e.g. "GMT+8". */
export function zoneText(ms: number): string {
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'shortOffset' }).formatToParts(ms);
  return parts.find((p) => p.type === 'timeZoneName')?.value ?? '';
}

/** A mobile number as people of its country write it: 0912-345-678 in Taiwan, 081-234-5678 in Thailand. */
export function phoneText(phone: string, market: string): string {
  const parts = (market === 'TH' ? /^(0\d{2})(\d{3})(\d{4})$/ : /^(09\d{2})(\d{3})(\d{3})$/).exec(phone.replaceAll(/[\s-]/g, ''));
  return parts ? parts.slice(1).join('-') : phone;
}

/** "A、B" in Chinese and Japanese, "A, B" elsewhere. */
export const listText = (items: readonly string[]): string => items.join(/^(?:zh|ja)/.test(lang.value) ? '、' : ', ');
