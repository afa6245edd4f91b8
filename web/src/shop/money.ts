import type { Left, Money, Prices } from '../api/sale.ts';
import { session } from '../api/http.ts';
import type { Market } from '../api/types.ts';
import { lang } from '../i18n/index.ts';

interface Style {
  sign: string;
  decimals: number;
}

const styles: Record<string, Style> = { TWD: { sign: 'NT$', decimals: 0 }, THB: { sign: '฿', decimals: 2 }, USD: { sign: 'US$', decimals: 2 } };

/** Sign and digits apart: the sign is set smaller. A minus is a real one. */
export function moneyParts(m: Money): { minus: boolean; sign: string; digits: string } {
  const { sign, decimals } = styles[m.currency] ?? { sign: `${m.currency} `, decimals: 0 };
  const whole = Math.abs(m.amount) / 10 ** decimals;
  const digits = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(whole);
  return { minus: m.amount < 0, sign, digits };
}

export function moneyText(m: Money): string {
  const { minus, sign, digits } = moneyParts(m);
  return `${minus ? '−' : ''}${sign}${digits}`;
}

/** Where this visitor buys: as chosen, and by language until there is anybody who could choose. */
export function marketNow(): Market {
  const chosen = session.value?.viewer ? session.value.market : undefined;
  return chosen ?? (lang.value === 'th' ? 'TH' : 'TW');
}

const other = (m: Market): Market => (m === 'TW' ? 'TH' : 'TW');

/** The price here; goods that are sold only elsewhere show that price. */
export function priceIn(prices: Prices, market: Market = marketNow()): Money | null {
  return prices[market] ?? prices[other(market)] ?? null;
}

export const soldHere = (prices: Prices): boolean => prices[marketNow()] !== undefined;

/** None left: only the waiting list is open. */
export const isOut = (left: Left): boolean => left === 0;

const rank = (left: Left): number => (left === null ? Infinity : typeof left === 'number' ? left : Number.parseInt(left, 10) + 1);

/** Of several variants, what can be had of all together: exact while all are exact. */
export function leftOfAll(all: readonly Left[]): Left {
  if (all.some((l) => l === null)) return null;
  if (all.every((l) => typeof l === 'number')) {
    const sum = all.reduce<number>((n, l) => n + Number(l), 0);
    return sum > 10 ? '10+' : sum;
  }
  return all.toSorted((a, b) => rank(b) - rank(a))[0] ?? 0;
}
