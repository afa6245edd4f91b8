import type { Cart } from '../api/buy.ts';
import type { Show } from '../api/types.ts';
import type { Localized } from '../i18n/format.ts';

/** What is kept to be looked at without a network: never to act on. */
export interface LastCart {
  at: number;
  shop: string;
  lines: { title: Localized; options: string[]; code: string | null; qty: number; amount: number; currency: string; until: number }[];
}

export interface LastShow {
  at: number;
  id: string;
  title: Localized;
  shop: string;
  starts_at: number | null;
  state: string;
}

const cartKey = 'nm-last-cart';
const showKey = 'nm-last-show';
const mostLines = 30;
/** Older than this it says nothing about what is there now. */
const longestMs = 7 * 86_400_000;

function write(key: string, value: unknown): void {
  try {
    if (value) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
  } catch {
    // blocked or full: there will be nothing to look at
  }
}

function read<T extends { at: number }>(key: string): T | null {
  try {
    const got = JSON.parse(localStorage.getItem(key) ?? 'null') as T | null;
    return got && Date.now() - got.at < longestMs ? got : null;
  } catch {
    return null;
  }
}

export function keepCart(c: Cart): void {
  const lines = c.lines.filter((l) => l.state === 'held').slice(0, mostLines).map((l) => ({
    title: l.title, options: l.options, code: l.code, qty: l.qty, amount: l.amount.amount, currency: l.amount.currency, until: l.hold_until,
  }));
  write(cartKey, lines.length > 0 ? { at: Date.now(), shop: c.shop.name, lines } satisfies LastCart : null);
}

export function keepShow(s: Show): void {
  write(showKey, { at: Date.now(), id: s.id, title: s.title, shop: s.shop.name, starts_at: s.starts_at, state: s.state } satisfies LastShow);
}

export const lastCart = (): LastCart | null => read<LastCart>(cartKey);
export const lastShow = (): LastShow | null => read<LastShow>(showKey);

/** Whoever comes next sees nothing of it. */
export function forget(): void {
  write(cartKey, null);
  write(showKey, null);
}
