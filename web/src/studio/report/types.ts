import type { Money } from '../../i18n/money.ts';
import type { Localized } from '../../api/types.ts';

export interface Gmv {
  claimed: Money;
  ordered: Money;
  paid_net: Money;
}

export interface ReportProduct {
  listing_id: string;
  product_id: string;
  code: string;
  title: Localized;
  image: string | null;
  claimed_qty: number;
  ordered_qty: number;
  paid_qty: number;
  ordered: Partial<Record<string, Money>>;
  paid_net: Partial<Record<string, Money>>;
}

export interface Report {
  show_id: string;
  title: Localized;
  started_at: number | null;
  ended_at: number | null;
  viewers: { distinct: number; peak: number; average: number };
  funnel: { viewers: number; claimed: number; ordered: number; paid: number };
  claims: number;
  orders: number;
  waitlist_taken: number;
  gmv: Partial<Record<string, Gmv>>;
  products: ReportProduct[];
  retention: { at: number; viewers: number }[];
  pins: { at: number; until: number | null; code: string; listing_id: string }[];
  deals: { at: number; until: number | null; code: string; quota: number; taken: number }[];
  unpaid: { orders: number; carts: number };
}

export interface Bill {
  id: string;
  buyer: string;
  url: string;
  total: Money;
  lines_n: number;
  hold_until: number;
  reminded: number;
  reminded_at: number | null;
  opened_at: number | null;
  state: 'open' | 'ordered' | 'gone';
}
