import type { Money } from '../../i18n/money.ts';

export type Provider = 'ecpay' | 'omise' | 'cod' | 'manual' | 'slip';
export type PaymentState =
  | 'created' | 'pending' | 'paid' | 'failed' | 'expired' | 'part_refunded' | 'refunded' | 'orphaned' | 'collected' | 'settled' | 'refused';
export type RefundState = 'queued' | 'sent' | 'done' | 'failed';

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface PaymentRow {
  id: string;
  order: string;
  provider: Provider;
  method: string;
  state: PaymentState;
  amount: Money;
  refunded: Money;
  our_ref: string;
  provider_ref: string | null;
  fail_code: string | null;
  simulated: boolean;
  created_at: number;
  changed_at: number;
  expires_at: number | null;
  buyer: string;
}

/** One movement of money in the ledger: out of one account, into another. */
export interface Movement {
  no: number;
  at: number;
  kind: string;
  into: string;
  out_of: string;
  amount: Money;
  order: string | null;
  payment: string | null;
  refund: string | null;
  chain: string;
}

/** A provider's message as it came in. */
export interface InboxRow {
  kind: string;
  state: 'new' | 'done' | 'ignored' | 'failed';
  result: string | null;
  at: number;
  handled_at: number | null;
}

export interface RefundRow {
  id: string;
  order: string;
  payment: string;
  provider: Provider;
  method: string;
  amount: Money;
  reason: string;
  state: RefundState;
  manual: boolean;
  tries: number;
  fail_code: string | null;
  note: string | null;
  created_at: number;
  sent_at: number | null;
  done_at: number | null;
  next_at: number | null;
  /** Of a refund by hand: what is known of where the money came from. */
  pay_to: Record<string, string> | null;
  can: { done: boolean; failed: boolean; again: boolean; by_hand: boolean };
  buyer: string;
}

export interface PaymentPage extends PaymentRow {
  details: Record<string, unknown>;
  order_state: string;
  refunds: RefundRow[];
  entries: Movement[];
  inbox: InboxRow[];
}

export interface Orphan {
  payment: string;
  order: string;
  order_state: string;
  provider: Provider;
  method: string;
  amount: Money;
  refunded: Money;
  why: 'double' | 'late' | 'cancelled' | 'wrong_amount' | 'other';
  at: number;
  state: 'refunding' | 'failed' | 'by_hand' | 'refunded';
  refund: RefundRow | null;
}

export interface Balance {
  account: string;
  amount: Money;
}

export interface Ledger extends Page<Movement> {
  balances: Balance[];
  head: { no: number; chain: string } | null;
}

/** The figures above the lists. */
export interface Figures {
  payments: { pending: number; paid_today: number };
  refunds: { queued: number; sent: number; failed: number; manual: number };
  orphans: { open: number };
  inbox: { new: number; failed: number };
  /** What the last check found that does not add up; null before the first. */
  differences: number | null;
  checked_at: number | null;
  balances: Balance[];
}

export interface MethodRow {
  id: string;
  market: 'TW' | 'TH';
  provider: Provider;
  kind: 'card' | 'code' | 'qr' | 'redirect' | 'cod';
  active: boolean;
  default_active: boolean;
  minutes: number;
  default_minutes: number;
  min: Money | null;
  max: Money | null;
  for_deals: boolean;
  /** Its gateway is set up and says that it can be had. */
  there: boolean;
  manual_refund: boolean;
}

/** Of the shop's parcels to stores. */
export interface Sender {
  kind: 'b2c' | 'c2c';
  sender_name: string | null;
  sender_phone: string | null;
  /** The carrier's keys are set. */
  ready: boolean;
}

export type GatewayName = 'ecpay' | 'ecpay_logistics' | 'ecpay_invoice' | 'omise';

export interface GatewayRow {
  provider: GatewayName;
  set: boolean;
  from: 'env' | 'shop' | null;
  name: string | null;
  test: boolean;
  changed_at: number | null;
  webhooks: { what: string; url: string }[];
}
