import { htmlLang, lang } from '../i18n/index.ts';
import { nowMs } from '../ui/clock.ts';

/** A day with its year, by the reader's language and the common calendar. */
export const dayText = (ms: number): string =>
  new Intl.DateTimeFormat(htmlLang(lang.value), { year: 'numeric', month: 'short', day: 'numeric', calendar: 'gregory' }).format(ms);

const steps: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]];

/** "3 hours ago"; what is older than a month is a day. */
export function agoText(ms: number, now: number = nowMs.value): string {
  const age = Math.max(0, now - ms);
  if (age > 30 * 86_400_000) return dayText(ms);
  const [unit, size] = steps.find(([, step]) => age >= step) ?? ['minute', 60_000];
  return new Intl.RelativeTimeFormat(htmlLang(lang.value), { numeric: 'auto' }).format(-Math.floor(age / size), unit);
}
