import { t } from '../i18n/index.ts';
import { dateText, daysAway, timeOfDay } from '../i18n/format.ts';

const evening = 18;

/** When something starts, as one would say it: tonight 21:30, tomorrow 20:00, else the date. */
export function whenText(ms: number, now: number): string {
  const time = timeOfDay(ms);
  const days = daysAway(ms, now);
  if (days === 0) return t(new Date(ms).getHours() >= evening ? 'when.tonight' : 'when.today', { time });
  if (days === 1) return t('when.tomorrow', { time });
  return t('when.date', { date: dateText(ms), time });
}
