/** Payments of an order: their shapes and their calls. */
import { call } from './http.ts';
import type { Money } from './sale.ts';

export type PayKind = 'card' | 'code' | 'qr' | 'redirect' | 'cod';

/** One way to pay, and why it cannot be had where it cannot. */
export interface PayMethod {
  id: string;
  kind: PayKind;
  provider: string;
  available: boolean;
  reason: 'off' | 'over_limit' | 'under_limit' | 'uncollected' | 'deal' | 'down' | null;
  min: Money | null;
  max: Money | null;
  minutes: number | null;
  manual_refund: boolean;
}

export type PaymentState =
  | 'created' | 'pending' | 'paid' | 'failed' | 'expired' | 'part_refunded' | 'refunded' | 'orphaned' | 'collected' | 'settled' | 'refused';

export interface PaymentDetails {
  bank_code?: string;
  account?: string;
  code?: string;
  barcodes?: string[];
  qr?: string;
  url?: string;
  expires_at?: number;
}

/** One try to pay an order. */
export interface Payment {
  id: string;
  order: string;
  provider: string;
  method: string;
  kind: PayKind;
  state: PaymentState;
  amount: Money;
  refunded: Money;
  created_at: number;
  started_at: number | null;
  paid_at: number | null;
  expires_at: number | null;
  fail_code: string | null;
  simulated: boolean;
  /** This one pays the order. */
  counts: boolean;
  /** It came twice or too late; told of an order's payments. */
  stray?: boolean;
  details: PaymentDetails;
}

/** What the browser does now. */
export type Next =
  | { kind: 'form'; action: string; fields: Record<string, string> }
  | { kind: 'redirect'; url: string }
  | { kind: 'qr'; image: string; expires_at: number }
  | { kind: 'code' }
  | { kind: 'wait' };

export interface Started {
  payment: Payment;
  next: Next;
}

export interface PaymentAsk {
  method: string;
  token?: string;
  platform: 'IOS' | 'ANDROID' | 'WEB';
}

export interface PaySetup {
  omise: { public_key: string; script: string } | null;
}

const secretOf = (secret: string | null): string => (secret ? `?secret=${encodeURIComponent(secret)}` : '');

export const startPayment = (no: string, secret: string | null, ask: PaymentAsk, key: string): Promise<Started> =>
  call<Started>('POST', `/orders/${no}/payments${secretOf(secret)}`, { idem: key, body: ask });

export const getPayment = (id: string, secret: string | null): Promise<Payment & { order_state: string }> =>
  call<Payment & { order_state: string }>('GET', `/payments/${id}${secretOf(secret)}`);

export const getPaySetup = (shop: string): Promise<PaySetup> => call<PaySetup>('GET', `/pay/setup?shop=${encodeURIComponent(shop)}`);
