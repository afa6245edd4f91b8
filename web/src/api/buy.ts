/** Cart, checkout and orders: their shapes and their calls. */
import { actKey, call } from './http.ts';
import type { Payment, PayMethod } from './pay.ts';
import type { Claim, Left, Listing, Money, Chapter } from './sale.ts';
import type { Localized, Market, Page, Shop } from './types.ts';

export interface CartLine {
  id: string;
  state: 'held' | 'expired';
  variant_id: string;
  product_id: string;
  title: Localized;
  options: string[];
  option_words?: string[][];
  image: string | null;
  qty: number;
  unit: Money;
  /** What it cost when it was taken, where the list price has changed since. */
  was: Money | null;
  amount: Money;
  code: string | null;
  show_id: string | null;
  listing_id: string | null;
  hold_until: number;
  for_sale: boolean;
  left: Left;
}

export interface Waiting {
  id: string;
  variant_id: string;
  product_id: string;
  title: Localized;
  options: string[];
  option_words?: string[][];
  image: string | null;
  qty: number;
  place: number;
  unit: Money;
  state: 'waiting' | 'offered';
  offer_until: number | null;
  code: string | null;
  show_id: string | null;
  shop: Shop;
  market: Market;
}

export interface Cart {
  id: string | null;
  shop: Shop;
  market: Market;
  currency: string;
  lines: CartLine[];
  waiting: Waiting[];
  count: number;
  subtotal: Money;
  held_until: number | null;
}

export interface Added {
  line_id: string | null;
  asked: number;
  qty: number;
  short: 'sold_out' | 'limit' | null;
  hold_until: number | null;
  cart: Cart;
}

export interface Media {
  url: string;
  sizes: Record<'160' | '480' | '1080', string>;
}

export interface ProductVariant {
  id: string;
  options: string[];
  left: Left;
  prices: Partial<Record<Market, Money & { compare_at?: number | null }>>;
}

export interface Product {
  id: string;
  title: Localized;
  body: Localized;
  exempt: string;
  options: { name: string; values: string[][] }[];
  media: Media[];
  image: string | null;
  variants: ProductVariant[];
  left: Left;
  shop: Shop;
  moments?: { show_id: string; title: Localized; at_ms: number; code: string }[];
}

export interface Address {
  kind: 'home' | 'cvs';
  name: string;
  phone: string;
  /** Where the receipt goes; an account has one of its own. */
  email?: string;
  postcode?: string;
  city?: string;
  district?: string;
  subdistrict?: string;
  line?: string;
  chain?: string;
  store_id?: string;
  store_name?: string;
  store_address?: string;
}

export type Invoice =
  | { kind: 'member'; email?: string }
  | { kind: 'mobile'; carrier: string }
  | { kind: 'donate'; love_code: string }
  | { kind: 'company'; tax_id: string; title: string };

export interface QuoteLine {
  no: number;
  line_id: string;
  variant_id: string;
  title: Localized;
  options: string[];
  option_words?: string[][];
  code: string | null;
  image: string | null;
  qty: number;
  unit: Money;
  amount: Money;
  discount: Money;
  exempt: string;
  hold_until: number;
}

export interface Quote {
  cart: string;
  shop: Shop;
  market: Market;
  currency: string;
  lines: QuoteLine[];
  subtotal: Money;
  discount: Money;
  shipping: Money;
  tax: Money;
  total: Money;
  free_over: Money | null;
  free_remaining: Money | null;
  hold_until: number | null;
  coupon: { id: string; code: string; kind: string; discount: Money } | null;
  coupon_problem: string | null;
  delivery: 'home' | 'cvs';
  deliveries: { id: 'home' | 'cvs'; fee: Money; chains?: string[] }[];
  pay_method: string;
  pay_methods: PayMethod[];
  withdrawal: { days: number; version: string };
  exempt: { no: number; reason: string }[];
  addresses: Address[];
  quote_hash: string;
}

export interface QuoteAsk {
  cart?: string;
  bill?: string;
  secret?: string;
  shop?: string;
  market?: Market;
  delivery?: 'home' | 'cvs';
  pay_method?: string;
  coupon_id?: string | null;
}

export interface OrderAsk {
  cart: string;
  bill?: string;
  secret?: string;
  quote_hash: string;
  delivery: 'home' | 'cvs';
  pay_method: string;
  coupon_id?: string | null;
  address: Address;
  invoice: Invoice | null;
  note?: string;
  consents: { terms: boolean; privacy: boolean; withdrawal_notice: boolean; exempt: number[]; marketing: boolean };
}

export type OrderStatus =
  | 'awaiting_payment' | 'preparing' | 'shipped' | 'at_store' | 'collected' | 'delivered' | 'returned'
  | 'completed' | 'cancelled' | 'expired' | 'refunding' | 'refunded';

export interface InvoiceState {
  state: 'none' | 'queued' | 'issued' | 'void' | 'allowance' | 'error';
  number: string | null;
  date: string | null;
  random: string | null;
  allowed: Money;
}

export interface Parcel {
  id: string;
  state: string;
  carrier: string;
  tracking: string | null;
  tracking_url: string | null;
  changed_at: number;
  /** With a store's own logistics: the number that follows it, and what was last said of it. */
  shipment: { state: string; payment_no: string | null; text: string | null; at: number | null } | null;
}

export interface OrderLine {
  no: number;
  product_id: string;
  title: Localized;
  options: string[];
  option_words?: string[][];
  code: string | null;
  image: string | null;
  qty: number;
  amount: Money;
  discount: Money;
  exempt: string;
  qty_returnable: number;
}

export interface Order {
  no: string;
  id: string;
  shop: Shop;
  market: Market;
  currency: string;
  state: 'awaiting_payment' | 'confirmed' | 'cancelled' | 'expired' | 'completed';
  status: OrderStatus;
  lines: OrderLine[];
  subtotal: Money;
  discount: Money;
  shipping: Money;
  tax: Money;
  total: Money;
  coupon: { code: string } | null;
  delivery: 'home' | 'cvs';
  address: Address;
  invoice: Invoice | null;
  pay_method: string;
  refunded: Money;
  refunding: Money;
  parcels: Parcel[];
  returns: { id: string; state: string; lines: { no: number; qty: number }[]; reason: string; last_day: string | null; asked_at: number }[];
  timeline: { what: string; at: number }[];
  created_at: number;
  show_id: string | null;
  can: { cancel: boolean; return: boolean; pay: boolean; store: boolean };
  /** Tries to pay, newest first. */
  payments: Payment[];
  pay_until: number | null;
  /** While it can be paid. */
  pay_methods?: PayMethod[];
  invoice_state: InvoiceState | null;
  return_until: string | null;
  secret?: string;
}

export interface OrderRow {
  no: string;
  status: OrderStatus;
  total: Money;
  created_at: number;
  lines_n: number;
  image: string | null;
  title: Localized;
  shop: Shop;
}

export interface Bill {
  id: string;
  state: 'open' | 'ordered' | 'gone';
  shop: Shop;
  show_id: string;
  cart: string;
  market: Market;
  quote: Quote | null;
  order: string | null;
  order_secret: string | null;
}

export interface ShopInfo extends Shop {
  markets: { market: Market; currency: string; active: boolean; return_days: number; ship_home: number; free_over: number | null }[];
}

const query = (of: Record<string, string | null | undefined>): string => {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(of)) if (v) q.set(k, v);
  const s = q.toString();
  return s && `?${s}`;
};

export const getCart = (shop: string, market?: Market): Promise<Cart> => call<Cart>('GET', `/cart${query({ shop, market })}`);

export const addLine = (variant: string, qty: number, market: Market, listing: string | null, key: string): Promise<Added> =>
  call<Added>('POST', '/cart/lines', { idem: key, body: { variant_id: variant, qty, market, ...(listing ? { listing_id: listing } : {}) } });

export const setLine = (id: string, qty: number): Promise<Cart> => call<Cart>('PATCH', `/cart/lines/${id}`, { body: { qty } });

export const dropLine = (id: string): Promise<Cart> => call<Cart>('DELETE', `/cart/lines/${id}`);

export const againLine = (id: string): Promise<Added> => call<Added>('POST', `/cart/lines/${id}/again`, { idem: actKey(), body: {} });

export const joinWait = (variant: string, qty: number, market: Market, listing: string | null): Promise<Waiting> =>
  call<Waiting>('POST', '/cart/waitlist', {
    idem: actKey(), body: { variant_id: variant, qty, market, ...(listing ? { listing_id: listing } : {}) },
  });

export const leaveWait = (id: string): Promise<void> => call<void>('DELETE', `/waitlist/${id}`);

export const acceptOffer = (id: string): Promise<Added> => call<Added>('POST', `/waitlist/${id}/accept`, { idem: actKey(), body: {} });

export const listWaiting = (): Promise<{ items: Waiting[] }> => call<{ items: Waiting[] }>('GET', '/me/waitlist');

export const claim = (listing: string, variant: string | null, qty: number, key: string): Promise<Claim> =>
  call<Claim>('POST', `/listings/${listing}/claims`, { idem: key, body: { qty, ...(variant ? { variant_id: variant } : {}) } });

export const undoClaim = (id: string): Promise<Claim> => call<Claim>('DELETE', `/claims/${id}`);

export const myClaims = (show: string): Promise<{ items: Claim[] }> => call<{ items: Claim[] }>('GET', `/me/claims?show=${show}`);

export const listChapters = (show: string): Promise<{ items: Chapter[] }> => call<{ items: Chapter[] }>('GET', `/shows/${show}/chapters`);

export const listListings = (show: string): Promise<{ items: Listing[] }> => call<{ items: Listing[] }>('GET', `/shows/${show}/listings`);

export const getProduct = (id: string): Promise<Product> => call<Product>('GET', `/products/${id}`);

export const getShop = (slug: string): Promise<ShopInfo> => call<ShopInfo>('GET', `/shops/${slug}`);

export const listProducts = (slug: string, of: { q?: string; category?: string; cursor?: string; limit?: string } = {}): Promise<Page<Product> & { shop: Shop }> =>
  call<Page<Product> & { shop: Shop }>('GET', `/shops/${slug}/products${query(of)}`);

export const askQuote = (body: QuoteAsk): Promise<Quote> => call<Quote>('POST', '/cart/quote', { body });

export const placeOrder = (body: OrderAsk, key: string): Promise<Order> => call<Order>('POST', '/orders', { idem: key, body });

export const listOrders = (cursor?: string): Promise<Page<OrderRow>> => call<Page<OrderRow>>('GET', `/orders${query({ cursor })}`);

export const getOrder = (no: string, secret: string | null): Promise<Order> => call<Order>('GET', `/orders/${no}${query({ secret })}`);

export const cancelOrder = (no: string, secret: string | null): Promise<Order> =>
  call<Order>('POST', `/orders/${no}/cancel${query({ secret })}`, { body: {} });

export const askReturn = (no: string, secret: string | null, lines: { no: number; qty: number }[], reason: string, key: string): Promise<Order> =>
  call<Order>('POST', `/orders/${no}/returns${query({ secret })}`, { idem: key, body: { lines, reason } });

export const getBill = (id: string, secret: string | null): Promise<Bill> => call<Bill>('GET', `/bills/${id}${query({ secret })}`);

