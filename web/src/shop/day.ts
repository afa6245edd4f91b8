import { htmlLang, lang } from '../i18n/index.ts';

const zones: Record<string, string> = { TW: 'Asia/Taipei', TH: 'Asia/Bangkok' };
const zoneOf = (market: string): { timeZone: string } => ({ timeZone: zones[market] ?? 'UTC' });

/** The time of day on the market's clocks. */
export const timeText = (ms: number, market: string): string =>
  new Intl.DateTimeFormat('en-GB', { ...zoneOf(market), hour: '2-digit', minute: '2-digit' }).format(ms);

/** A day as the market's calendar has it, and the time of day. */
export function dayText(ms: number, market: string): string {
  const day = new Intl.DateTimeFormat(htmlLang(lang.value), { ...zoneOf(market), month: 'numeric', day: 'numeric', calendar: 'gregory' }).format(ms);
  return `${day} ${timeText(ms, market)}`;
}

/** The same with the day of the week: for what must not be missed. */
export function dueText(ms: number, market: string): string {
  const of = { ...zoneOf(market), month: 'numeric', day: 'numeric', weekday: 'short', calendar: 'gregory' } as const;
  return `${new Intl.DateTimeFormat(htmlLang(lang.value), of).format(ms)} ${timeText(ms, market)}`;
}
