import { call } from '../../api/http.ts';
import type { Figures, GatewayName, GatewayRow, Ledger, MethodRow, Orphan, Page, PaymentPage, PaymentRow, RefundRow, Sender } from './types.ts';

export interface Ask {
  shop: string;
  force?: string;
  cursor?: string;
  state?: string;
  q?: string;
  manual?: string;
  open?: string;
  from?: string;
  to?: string;
  market?: string;
}

function query(ask: Ask): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(ask)) if (v) q.set(k, String(v));
  return q.size > 0 ? `?${q}` : '';
}

const get = <T>(path: string, ask: Ask, signal?: AbortSignal): Promise<T> => call<T>('GET', `${path}${query(ask)}`, signal ? { signal } : {});

export const getFigures = (shop: string): Promise<Figures> => get('/staff/money', { shop });
export const listPayments = (ask: Ask, signal?: AbortSignal): Promise<Page<PaymentRow>> => get('/staff/payments', ask, signal);
export const getPayment = (id: string, shop: string): Promise<PaymentPage> => get(`/staff/payments/${id}`, { shop });
/** The server asks the gateway now; the row is read again afterwards. */
export const askGateway = (id: string, shop: string): Promise<unknown> => call('POST', `/staff/payments/${id}/ask${query({ shop })}`, { body: {} });
export const listRefunds = (ask: Ask, signal?: AbortSignal): Promise<Page<RefundRow>> => get('/staff/refunds', ask, signal);
export const listOrphans = (ask: Ask, signal?: AbortSignal): Promise<Page<Orphan>> => get('/staff/orphans', ask, signal);
export const getLedger = (ask: Ask, signal?: AbortSignal): Promise<Ledger> => get('/staff/ledger', ask, signal);
export const ledgerCsv = (ask: Ask): string => `/api/v1/staff/ledger.csv${query(ask)}`;

export interface RefundMove {
  state: 'done' | 'failed' | 'queued';
  note?: string;
  manual?: boolean;
}
export const moveRefund = (id: string, body: RefundMove): Promise<unknown> => call('PATCH', `/refunds/${id}`, { body });

export const listMethods = (shop: string): Promise<{ items: MethodRow[] }> => get('/staff/pay-methods', { shop });
export interface MethodChange {
  active?: boolean;
  minutes?: number | null;
  min?: number | null;
  max?: number | null;
  for_deals?: boolean;
}
/** The server answers with all rows; the one that was changed is given. */
export async function setMethod(m: MethodRow, shop: string, body: MethodChange): Promise<MethodRow> {
  const all = await call<{ items: MethodRow[] }>('PUT', `/staff/pay-methods/${m.id}${query({ shop, market: m.market })}`, { body });
  return all.items.find((r) => r.id === m.id && r.market === m.market) ?? m;
}

export const listGateways = (shop: string): Promise<{ items: GatewayRow[] }> => get('/staff/gateways', { shop });
export async function setGateway(g: GatewayRow, shop: string, keys: Record<string, string>, force = false): Promise<GatewayRow> {
  const all = await call<{ items: GatewayRow[] }>('PUT', `/staff/gateways/${g.provider}${query({ shop })}`, { body: force ? { ...keys, force } : keys });
  return all.items.find((r) => r.provider === g.provider) ?? g;
}
export const dropGateway = (provider: GatewayName, shop: string, force = false): Promise<void> => call('DELETE', `/staff/gateways/${provider}${query(force ? { shop, force: 'true' } : { shop })}`);

export const getSender = (shop: string): Promise<Sender> => get('/staff/shipping', { shop });
export const setSender = (shop: string, body: Omit<Sender, 'ready'>): Promise<Sender> => call('PUT', `/staff/shipping${query({ shop })}`, { body });
