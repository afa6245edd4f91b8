import { actKey, call } from '../../api/http.ts';
import type { Claim, Deal, Listing, Pinned, Review, Sale } from '../../api/sale.ts';
import type { ClaimPage, DealFields, ListingFields } from './types.ts';

export interface RunOrder {
  items: Listing[];
  pinned: Pinned | null;
  sale: Sale;
}

export const getListings = (show: string): Promise<RunOrder> => call('GET', `/shows/${show}/listings`);
export const addListing = (show: string, body: ListingFields): Promise<Listing> => call('POST', `/shows/${show}/listings`, { body });
export const patchListing = (l: Listing, body: { code?: string; claim_mode?: Listing['claim_mode']; per_buyer_max?: number; state?: 'queued' | 'withdrawn' }): Promise<Listing> =>
  call('PATCH', `/listings/${l.id}`, { body, version: l.version });
export const removeListing = (id: string): Promise<void> => call('DELETE', `/listings/${id}`);
export const putOrder = (show: string, ids: string[]): Promise<void> => call('PUT', `/shows/${show}/run-order`, { body: { ids } });
export const pin = (show: string, listing_id: string): Promise<Pinned> => call('PUT', `/shows/${show}/pin`, { body: { listing_id } });
export const unpin = (show: string): Promise<void> => call('DELETE', `/shows/${show}/pin`);
export const setWindow = (listing: string, open: boolean): Promise<Listing> => call('PUT', `/listings/${listing}/claim-window`, { body: { open } });
export const patchSale = (show: string, body: Partial<Sale>): Promise<Sale> => call('PATCH', `/shows/${show}/sale`, { body });
export const getSale = (show: string): Promise<Sale> => call('GET', `/shows/${show}/sale`);

export const createDeal = (listing: string, body: DealFields): Promise<Deal> => call('POST', `/listings/${listing}/deals`, { body });
export const closeDeal = (id: string): Promise<Deal> => call('POST', `/deals/${id}/close`, { body: {} });
export const cancelDeal = (id: string): Promise<Deal> => call('POST', `/deals/${id}/cancel`, { body: {} });
export const getDeals = (show: string): Promise<{ items: Deal[]; min_countdown_s: number }> => call('GET', `/shows/${show}/deals`);

export const getClaims = (show: string, after: number): Promise<ClaimPage> => call('GET', `/shows/${show}/claims?limit=200&after=${after}`);
export const getReviews = (show: string): Promise<{ items: Review[] }> => call('GET', `/shows/${show}/review`);
export const acceptReview = (id: string, items?: { listing_id: string; variant_id?: string; qty: number }[]): Promise<{ claims: Claim[] }> =>
  call('POST', `/review/${id}/accept`, { body: items ? { items } : {} });
export const dismissReview = (id: string): Promise<void> => call('POST', `/review/${id}/dismiss`, { body: {} });
export const assist = (show: string, body: { message_id: string; listing_id: string; variant_id?: string; qty: number }): Promise<Claim> =>
  call('POST', `/shows/${show}/claims/assist`, { body, idem: actKey() });
