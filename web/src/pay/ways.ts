import type { Payment, PayMethod } from '../api/pay.ts';
import type { Market } from '../api/types.ts';
import type { IconName } from '../ui/icon.tsx';
import { moneyText } from '../shop/money.ts';
import { tp, type PayKey } from './strings.ts';

/** Of each way: its picture. One that is not here is new on the server and has its kind's. */
const icons: Record<string, IconName> = {
  ecpay_card: 'card', ecpay_installment: 'split', ecpay_applepay: 'mobile', ecpay_atm: 'bank', ecpay_cvs: 'slip', ecpay_barcode: 'barcode',
  ecpay_webatm: 'reader', ecpay_twqr: 'qr', omise_card: 'card', omise_promptpay: 'qr', omise_truemoney: 'wallet', omise_shopeepay: 'bag',
  omise_linepay: 'wallet', cod: 'cash',
};

export const iconOf = (id: string): IconName => icons[id] ?? (id.startsWith('omise_mobile') ? 'mobile' : 'wallet');

const named = new Set([...Object.keys(icons), ...['kbank', 'scb', 'bbl', 'bay', 'ktb'].map((b) => `omise_mobile_${b}`)]);

/** What a way is called; pick-up at a store has its own word for cash. */
export function wayName(id: string, delivery?: 'home' | 'cvs'): string {
  if (id === 'cod' && delivery === 'cvs') return tp('way.cod_cvs');
  return named.has(id) ? tp(`way.${id}` as PayKey) : id;
}

/** "15 minutes", "24 hours", "3 days". */
export function spanWords(minutes: number): string {
  if (minutes < 120) return tp('span.minutes', { n: minutes });
  return minutes < 72 * 60 ? tp('span.hours', { n: Math.round(minutes / 60) }) : tp('span.days', { n: Math.round(minutes / 1440) });
}

/** What one does, and how long there is for it. */
export function wayText(m: PayMethod): string {
  const text = named.has(m.id) ? tp(`how.${m.id.startsWith('omise_mobile') ? 'omise_mobile' : m.id}` as PayKey) : '';
  if (!m.minutes) return text;
  const limit = tp(m.kind === 'code' ? 'limit.code' : 'limit.pay', { t: spanWords(m.minutes) });
  return text ? tp('how.and', { a: text, b: limit }) : limit;
}

/** Why not, in words with the amount in them. */
export function whyNot(m: PayMethod): string {
  switch (m.reason) {
    case 'over_limit':
      return m.max ? tp('no.over', { amount: moneyText(m.max) }) : tp('no.off');
    case 'under_limit':
      return m.min ? tp('no.under', { amount: moneyText(m.min) }) : tp('no.off');
    case 'uncollected':
      return tp('no.uncollected');
    case 'deal':
      return tp('no.deal');
    case 'down':
      return tp('no.down');
    default:
      return tp('no.off');
  }
}

const isOffered = (m: PayMethod): boolean => m.available || m.reason !== 'off';

/** What is shown: what the shop offers, the last used first, then what can be had, then the others. */
export function inOrder(all: readonly PayMethod[], last: string | null): PayMethod[] {
  const rank = (m: PayMethod): number => (m.available ? (m.id === last ? 0 : 1) : 2);
  return all.filter(isOffered).toSorted((a, b) => rank(a) - rank(b));
}

const lastKey = (market: Market): string => `nm-pay-${market}`;

export function lastWay(market: Market): string | null {
  try {
    return localStorage.getItem(lastKey(market));
  } catch {
    return null;
  }
}

export function rememberWay(market: Market, id: string): void {
  try {
    localStorage.setItem(lastKey(market), id);
  } catch {
    // blocked: the shop's order then
  }
}

export const isOpen = (p: Payment): boolean => p.state === 'created' || p.state === 'pending';

/** Is there something to show: a picture to scan, a number to type? */
export const shows = ({ details: d }: Payment): boolean => Boolean(d.qr ?? d.account ?? d.code ?? d.barcodes?.length);

/** When there is no use in paying any more: the code or picture ends, or the goods are let go. */
export function endOf(p: Payment): number | null {
  const ends = [p.details.expires_at, p.expires_at].filter((x) => typeof x === 'number');
  return ends.length > 0 ? Math.min(...ends) : null;
}

/** Does the browser go to another site for it? */
export const leaves = (m: PayMethod): boolean => m.provider !== 'cod' && m.kind !== 'qr' && m.id !== 'omise_card';

export function platformOf(agent: string): 'IOS' | 'ANDROID' | 'WEB' {
  if (/\b(?:iPhone|iPad|iPod)\b/.test(agent)) return 'IOS';
  return /\bAndroid\b/.test(agent) ? 'ANDROID' : 'WEB';
}

const fails = new Set(['declined', 'no_funds', 'lost_card', 'bad_card', 'bad_code', 'three_d', 'fraud', 'cancelled', 'timeout', 'limit', 'method', 'provider']);

/** Why the gateway said no, as the buyer can act on it. */
export const failText = (code: string | null): string => tp(`fail.${code !== null && fails.has(code) ? code : 'declined'}` as PayKey);
