import { actKey, call } from '../../api/http.ts';
import type { Money } from '../../i18n/money.ts';
import type { Order, OrderRow, Packing, Parcel, ParcelState, ReturnCase, ReturnState } from './types.ts';

export interface OrderAsk {
  shop: string;
  show?: string;
  state?: string;
  status?: string;
  q?: string;
  cursor?: string;
}

function query(ask: object): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(ask)) if (v) q.set(k, String(v));
  return q.size > 0 ? `?${q}` : '';
}

export const listOrders = (ask: OrderAsk, signal?: AbortSignal): Promise<{ items: OrderRow[]; next: string | null }> =>
  call('GET', `/staff/orders${query(ask)}`, signal ? { signal } : {});
export const getOrder = (no: string, shop: string): Promise<Order> => call('GET', `/staff/orders/${no}${query({ shop })}`);
export const noteOrder = (no: string, shop: string, staff_note: string): Promise<Order> => call('PATCH', `/staff/orders/${no}${query({ shop })}`, { body: { staff_note } });
export const cancelOrder = (no: string, shop: string, reason: string): Promise<Order> => call('POST', `/staff/orders/${no}/cancel${query({ shop })}`, { body: { reason } });
export const refundOrder = (no: string, shop: string, body: { amount?: Money; reason: string; note: string }): Promise<Order> =>
  call('POST', `/staff/orders/${no}/refunds${query({ shop })}`, { body, idem: actKey() });
export const moveReturn = (id: string, state: ReturnState, restock: boolean): Promise<ReturnCase> => call('PATCH', `/returns/${id}`, { body: { state, ...(restock ? { restock: true } : {}) } });

export const makeParcels = (shop: string, orders: string[]): Promise<{ items: Parcel[] }> => call('POST', `/staff/parcels${query({ shop })}`, { body: { orders } });
export const moveParcel = (id: string, body: { state: ParcelState; tracking?: string; carrier?: string; inspected?: boolean }): Promise<Parcel> => call('PATCH', `/parcels/${id}`, { body });
export const getPacking = (shop: string, show: string): Promise<Packing> => call('GET', `/staff/packing${query({ shop, show })}`);
export const packingCsv = (shop: string, show: string): string => `/api/v1/staff/packing${query({ shop, show, format: 'csv' })}`;
export const tick = (shop: string, order: string, no: number, packed: number): Promise<void> => call('PUT', `/staff/packing/tick${query({ shop })}`, { body: { order, no, packed } });
export const labelsUrl = (ids: string[]): string => `/api/v1/staff/labels${query({ ids: ids.join(',') })}`;
export const shipParcel = (id: string): Promise<Parcel> => call('POST', `/parcels/${id}/ship`, { body: {} });
/** What is to be posted, in a new window, for the carrier's label. */
export const getLabel = (id: string): Promise<{ action: string; fields: Record<string, string> }> => call('GET', `/parcels/${id}/label`);
export const retryInvoice = (id: string): Promise<unknown> => call('POST', `/invoices/${id}/retry`, { body: {} });
