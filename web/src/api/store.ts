/** Convenience stores: the chain's own map, and what was picked on it. */
import { call } from './http.ts';
import type { Market } from './types.ts';

export interface Store {
  chain: string;
  store_id: string;
  store_name: string;
  store_address: string | null;
}

/** What the browser posts to the map, in the same window. */
export interface StoreMap {
  action: string;
  fields: Record<string, string>;
}

export interface MapAsk {
  chain: string;
  market?: Market;
  shop?: string;
  cart?: string;
  bill?: string;
  order?: string;
  secret?: string;
  /** A store that takes cash. */
  cod?: boolean;
}

const phone = '(max-width: 700px)';

export function askMap({ cod, ...of }: MapAsk): Promise<StoreMap> {
  const q = new URLSearchParams({ ...of, device: matchMedia(phone).matches ? '1' : '0', ...(cod ? { cod: '1' } : {}) });
  return call<StoreMap>('GET', `/cvs/map?${q.toString()}`);
}

export const getPick = (key: string): Promise<Store> => call<Store>('GET', `/cvs/picks/${encodeURIComponent(key)}`);

const of = (shop: string): string => `?shop=${encodeURIComponent(shop)}`;

export const lastStore = (shop: string): Promise<{ store: Store | null }> => call<{ store: Store | null }>('GET', `/cvs/last${of(shop)}`);

export const mapSetup = (shop: string): Promise<{ map: boolean; chains: string[] }> => call<{ map: boolean; chains: string[] }>('GET', `/cvs/setup${of(shop)}`);
