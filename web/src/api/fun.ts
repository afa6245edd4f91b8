/** Coupons and draws: their shapes and their calls. */
import { call } from './http.ts';
import type { Money } from './sale.ts';
import type { Localized, Market } from './types.ts';

export interface CouponDrop {
  coupon_id: string;
  code: string;
  market: Market;
  kind: 'amount' | 'percent' | 'free_ship';
  value: Money | null;
  percent_bp: number | null;
  min_spend: Money | null;
  left: number;
  until: number;
}

export interface MyCoupon extends Omit<CouponDrop, 'coupon_id' | 'until'> {
  id: string;
  ends_at: number;
  state: 'ready' | 'used' | 'over' | 'not_yet';
}

export interface Winner {
  rank: number;
  entry: string;
  name_masked: string;
}

export interface Giveaway {
  id: string;
  show_id: string;
  market: Market;
  rule: Localized;
  prize: { product_id: string; title: Localized; options: string[]; image: string | null };
  winners_n: number;
  state: 'draft' | 'open' | 'frozen' | 'drawn' | 'closed' | 'cancelled';
  commit: string | null;
  n: number;
  entries_hash: string | null;
  winners: Winner[];
  me?: { entry: string; rank: number | null; state: 'in' | 'won' | 'ordered' | 'passed'; until: number | null } | null;
}

export interface Proof {
  giveaway: string;
  commit: string;
  seed: string | null;
  entropy: string | null;
  entries_hash: string | null;
  winners_n: number;
  entries: { id: string; name_masked: string }[];
  winners: { rank: number; entry: string }[];
}

export interface FunEvents {
  'coupon.drop': CouponDrop;
  'coupon.gone': { coupon_id: string };
  'giveaway.open': { giveaway_id: string; rule: Localized; prize: Giveaway['prize']; winners_n: number; market: Market; commit: string; n: number };
  'giveaway.entries': { giveaway_id: string; n: number; entries_hash: string | null };
  'giveaway.drawn': { giveaway_id: string; winners: Winner[]; entries_hash: string };
  'giveaway.gone': { giveaway_id: string };
  'giveaway.won': { giveaway_id: string; rank: number; line_id: string; until: number };
}

export interface FunSnapshot {
  coupon: CouponDrop | null;
  giveaway: Giveaway | null;
}

export const takeCoupon = (id: string): Promise<MyCoupon> => call<MyCoupon>('POST', `/coupons/${id}/take`, { body: {} });

export const myCoupons = (shop: string, market: Market): Promise<{ items: MyCoupon[] }> =>
  call<{ items: MyCoupon[] }>('GET', `/me/coupons?shop=${encodeURIComponent(shop)}&market=${market}`);

export const enterDraw = (id: string): Promise<{ entry: string; n: number }> =>
  call<{ entry: string; n: number }>('POST', `/giveaways/${id}/enter`, { body: {} });

export const getDraw = (id: string): Promise<Giveaway> => call<Giveaway>('GET', `/giveaways/${id}`);

export const getProof = (id: string): Promise<Proof> => call<Proof>('GET', `/giveaways/${id}/proof`);
