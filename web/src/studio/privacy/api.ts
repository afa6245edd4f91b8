import { call } from '../../api/http.ts';
import type { Page } from '../../api/types.ts';
import { inShop } from '../legal/api.ts';

export interface Keep {
  kind: string;
  days: number;
  default: number;
  /** In English, for kinds that have no words here yet. */
  what: string;
}

export interface Desk {
  contact: string | null;
  keep: Keep[];
  built_in: string[];
}

export interface Request {
  code: string;
  kind: 'erase' | 'export';
  state: 'running' | 'done' | 'failed';
  source: 'self' | 'facebook' | 'apple' | 'sweep';
  viewer: { id: string; name: string };
  orders: number;
  at: number;
  done_at: number | null;
}

export interface Consent {
  kind: 'terms' | 'privacy' | 'marketing' | 'withdrawal_notice' | 'exempt_notice';
  granted: boolean;
  version: string;
  lang: string | null;
  source: 'checkout' | 'signup' | 'settings';
  ref: string | null;
  at: number;
  viewer: { id: string; name: string };
}

export interface Breach {
  id: string;
  found_at: number;
  what: string;
  people: number | null;
  told_at: number | null;
  closed_at: number | null;
  by: string | null;
  at: number;
  version: number;
}

const after = (cursor?: string | null): string => (cursor ? `&cursor=${encodeURIComponent(cursor)}` : '');

export const getDesk = (): Promise<Desk> => call<Desk>('GET', `/staff/privacy${inShop()}`);
export const putContact = (contact: string): Promise<Desk> => call<Desk>('PUT', `/staff/privacy/contact${inShop()}`, { body: { contact } });
export const listRequests = (cursor?: string | null): Promise<Page<Request>> => call<Page<Request>>('GET', `/staff/privacy/requests${inShop()}${after(cursor)}`);
export const listConsents = (cursor?: string | null): Promise<Page<Consent>> => call<Page<Consent>>('GET', `/staff/privacy/consents${inShop()}${after(cursor)}`);
export const listBreaches = (): Promise<{ items: Breach[] }> => call<{ items: Breach[] }>('GET', `/staff/privacy/breaches${inShop()}`);
export const addBreach = (body: { found_at: number; what: string; people: number | null }): Promise<Breach> =>
  call<Breach>('POST', `/staff/privacy/breaches${inShop()}`, { body });
export const setBreach = (b: Breach, change: { told_at?: number; closed_at?: number }): Promise<Breach> =>
  call<Breach>('PATCH', `/staff/privacy/breaches/${b.id}${inShop()}`, { body: change, version: b.version });
