/** The shapes of selling: what a room lists, deals, claims. Money is in minor units of its currency. */
import type { Localized, Market } from './types.ts';

export interface Money {
  amount: number;
  currency: string;
}

export type Prices = Partial<Record<Market, Money>>;

/** Exact up to ten, then `"10+"`, `"50+"`, `"100+"`; null: not counted. */
export type Left = number | string | null;

export interface Variant {
  id: string;
  options: string[];
  left: Left;
  prices: Prices;
  compare_at?: Prices | null;
}

export interface Option {
  name: string;
  values: string[];
  /** Of each value: its name, then what else it is called. */
  words?: string[][];
}

export type DealState = 'draft' | 'countdown' | 'open' | 'sold_out' | 'closed' | 'cancelled';

export interface Deal {
  id: string;
  listing_id: string;
  variant_id: string | null;
  prices: Prices;
  quota: number;
  left: number;
  per_buyer_max: number;
  state: DealState;
  countdown_s: number;
  run_s: number;
  opens_at: number | null;
  closes_at: number | null;
}

export interface Listing {
  id: string;
  code: string;
  product_id: string;
  position: number;
  state: 'queued' | 'shown' | 'withdrawn';
  title: Localized;
  image: string | null;
  options: Option[];
  variants: Variant[];
  claim_mode: 'auto' | 'review' | 'off';
  claim_open: boolean;
  per_buyer_max: number;
  deal: Deal | null;
  version: number;
}

export interface Pinned {
  listing_id: string;
  code: string;
  segment_start: number;
}

export interface Sale {
  claim_rule: 'guest' | 'login' | 'paid_before';
  hold_s: number;
  cancel_ok: boolean;
}

export type ClaimState = 'granted' | 'partial' | 'waitlisted' | 'rejected' | 'reduced' | 'cancelled' | 'expired' | 'ordered';

export type ClaimReason =
  | 'closed' | 'sold_out' | 'limit' | 'banned' | 'unknown_code' | 'need_option' | 'need_login' | 'paid_before' | 'market';

export interface Claim {
  id: string;
  seq_no: number;
  place: number;
  listing_id: string;
  code: string;
  title: Localized;
  image: string | null;
  variant_id: string | null;
  options: string[];
  asked: number;
  given: number;
  state: ClaimState;
  reason: ClaimReason | null;
  unit: Money;
  source: string;
  line_id: string | null;
  hold_until: number | null;
  waiting_id: string | null;
  at: number;
}

/** What a typed claim got when it got nothing: not a claim, only an answer. */
export interface Refusal {
  id: null;
  listing_id: string | null;
  code: string;
  asked: number;
  state: 'rejected';
  reason: ClaimReason;
}

export interface Ticker {
  name_masked: string;
  code: string;
  options: string[];
  qty: number;
  place: number;
  state: ClaimState;
  more?: number;
}

export interface Head {
  n: number;
  chain: string;
}

export interface Chapter {
  listing_id: string;
  code: string;
  title: Localized;
  image: string | null;
  start_ms: number;
  end_ms: number | null;
  listing: Listing;
}

export interface SaleSnapshot {
  listings: Listing[];
  pinned: Pinned | null;
  deals: Deal[];
  sale: Sale;
  claims_head: Head | null;
}

export interface ReviewItem {
  op: 'add' | 'sub' | 'cancel' | 'queue' | 'review';
  listing_id: string | null;
  code: string | null;
  suggest: string | null;
  /** The one that is meant, or null; all that it could be. */
  variant_id: string | null;
  variants: string[];
  qty: number;
}

/** A comment that may be an order: staff decide. */
export interface Review {
  id: string;
  message: { id: string; name: string; text: string; at: number };
  items: ReviewItem[];
  at: number;
}

type DealEvent = Omit<Deal, 'id'> & { deal_id: string; reason?: string };

export interface SaleEvents {
  'listing.added': { listing: Listing };
  'listing.updated': { listing: Listing };
  'listing.removed': { id: string };
  'listing.order': { ids: string[] };
  'listing.pinned': Pinned;
  'listing.unpinned': { listing_id: string; code: string };
  'claim.window': { listing_id: string; open: boolean; per_buyer_max: number; hold_s: number };
  'sale.changed': Sale;
  'claim.result': Claim | Refusal;
  'claim.ticker': Ticker;
  'claims.head': Head;
  'stock.changed': { variant_id: string; left: Left };
  'price.changed': { listing_id: string; variant_id: string; prices: Prices };
  'deal.countdown': DealEvent;
  'deal.open': DealEvent;
  'deal.progress': DealEvent;
  'deal.closed': DealEvent;
  'cart.changed': { reason: string; line_id: string; variant_id: string; listing_id: string | null; qty: number };
  'hold.expiring': { line_id: string; variant_id: string; listing_id: string | null; until: number };
  'waitlist.offer': { waiting_id: string; listing_id: string | null; variant_id: string; qty: number; until: number };
  'staff.review': { review: Review };
  'staff.review_done': { id: string; state: string };
  'waitlist.changed': { waiting_id: string; listing_id: string | null; variant_id: string; state: string; place: number };
}
