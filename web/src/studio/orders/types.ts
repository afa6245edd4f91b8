import type { Address, Invoice, Order as BoughtOrder, OrderStatus } from '../../api/buy.ts';
import type { Localized } from '../../api/types.ts';
import type { Money } from '../../i18n/money.ts';
import type { PaymentState } from '../money/types.ts';

export type OrderState = BoughtOrder['state'];
export type { Address, OrderStatus };
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

/** A line as staff see it: with what it cost each, and how much of it went back. */
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

/** A parcel as the carrier to stores knows it. */
export interface Shipment {
  state: 'queued' | 'sent' | 'made' | 'refused' | 'closed';
  payment_no: string | null;
  code: string | null;
  /** The carrier's own words. */
  text: string | null;
  at: number | null;
  problem?: string | null;
  can_ship?: boolean;
  can_label?: boolean;
}

export interface StaffInvoice {
  id?: string;
  state: 'none' | 'queued' | 'issued' | 'void' | 'allowance' | 'error';
  number: string | null;
  date: string | null;
  problem?: string | null;
  can_retry?: boolean;
  allowances?: { number: string | null; amount: Money; state: string; at: number }[];
}

export interface Parcel {
  id: string;
  shipment?: Shipment | null;
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

/** The buyer's order, and what only the shop sees of it. */
export interface Order extends Omit<BoughtOrder, 'invoice_state' | 'payments' | 'lines' | 'address' | 'parcels' | 'returns' | 'refunded' | 'refunding' | 'can' | 'return_until' | 'secret'> {
  lines: OrderLine[];
  /** Null for roles that do not see where it goes. */
  address: Address | null;
  invoice: Invoice | null;
  note: string | null;
  payment: { id: string; state: string; amount: Money } | null;
  parcels: Parcel[];
  invoice_state?: StaffInvoice | null;
  payments?: { id: string; state: PaymentState; method: string; amount: Money }[];
  returns: ReturnCase[];
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
