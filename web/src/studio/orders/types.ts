import type { Localized, Market, Shop } from '../../api/types.ts';
import type { Money } from '../../i18n/money.ts';

export type OrderState = 'awaiting_payment' | 'confirmed' | 'cancelled' | 'expired' | 'completed';
export type OrderStatus =
  | 'awaiting_payment' | 'preparing' | 'shipped' | 'at_store' | 'collected' | 'delivered' | 'returned'
  | 'completed' | 'cancelled' | 'expired' | 'refunding' | 'refunded';
export type ParcelState = 'packing' | 'packed' | 'shipped' | 'at_store' | 'collected' | 'delivered' | 'returned' | 'void';
export type ReturnState = 'asked' | 'approved' | 'on_the_way' | 'received' | 'refunded' | 'refused' | 'withdrawn';

export interface OrderRow {
  no: string;
  state: OrderState;
  status: OrderStatus;
  buyer: string;
  total: Money;
  pay_method: string;
  payment_state: string | null;
  delivery: 'home' | 'cvs';
  lines_n: number;
  qty: number;
  created_at: number;
  show_id: string | null;
  staff_note: string | null;
  to_pack: boolean;
  version: number;
}

export interface OrderLine {
  no: number;
  title: Localized;
  options: string[];
  code: string | null;
  image: string | null;
  qty: number;
  unit: Money;
  amount: Money;
  discount: Money;
  qty_refunded: number;
}

export interface Address {
  kind: 'home' | 'cvs';
  name: string;
  phone: string;
  postcode?: string;
  city?: string;
  district?: string;
  subdistrict?: string;
  line?: string;
  chain?: string;
  store_id?: string;
  store_name?: string;
}

export interface Parcel {
  id: string;
  state: ParcelState;
  carrier: string;
  tracking: string | null;
  cod: Money;
  lines: { no: number; qty: number }[];
  version: number;
  changed_at: number;
}

export interface ReturnCase {
  id: string;
  state: ReturnState;
  lines: { no: number; qty: number }[];
  reason: string;
  withdrawal: boolean;
  last_day: string | null;
  asked_at: number;
  version: number;
}

export interface Refund {
  id: string;
  amount: Money;
  state: 'queued' | 'sent' | 'done' | 'failed';
  reason: string;
  note: string | null;
  created_at: number;
}

export interface Order {
  no: string;
  id: string;
  shop: Shop;
  market: Market;
  currency: string;
  state: OrderState;
  status: OrderStatus;
  lines: OrderLine[];
  subtotal: Money;
  discount: Money;
  shipping: Money;
  tax: Money;
  total: Money;
  coupon: { code: string } | null;
  delivery: 'home' | 'cvs';
  address: Address | null;
  invoice: { kind: string; carrier?: string; tax_id?: string; love_code?: string } | null;
  note: string | null;
  pay_method: string;
  payment: { id: string; state: string; amount: Money } | null;
  parcels: Parcel[];
  returns: ReturnCase[];
  timeline: { what: string; at: number }[];
  created_at: number;
  show_id: string | null;
  buyer: { id: string; name: string };
  staff_note: string | null;
  refunds: Refund[];
  refundable: Money;
  stat: { claims: number; paid: number; abandoned: number; uncollected: number };
  version: number;
}

export interface PackOrder {
  no: string;
  buyer: string;
  delivery: 'home' | 'cvs';
  lines: { id: string; no: number; title: Localized; options: string[]; code: string | null; qty: number; packed: number }[];
  parcel_id: string | null;
}

export interface Packing {
  pick: { variant_id: string; title: Localized; options: string[]; code: string | null; image: string | null; qty: number }[];
  orders: PackOrder[];
}
