// Who one is and what is one's own: ways in, sessions, the way out of an app's browser, data.
import { call, session } from './http.ts';
import type { Me, Session } from './types.ts';

/** A place that says who somebody is. `kind` is the server's business. */
export interface Provider {
  name: string;
  label: string;
  kind: string;
}

export interface Offer {
  items: Provider[];
  liff_id: string | null;
}

export const getOffer = (): Promise<Offer> => call<Offer>('GET', '/auth/providers');

/** Where the browser goes to sign in; the answer of that page comes back to `next`. */
export function startPath(name: string, next: string, again: { retry?: boolean; email?: boolean } = {}): string {
  const q = new URLSearchParams({ next });
  if (again.retry) q.set('retry', '1');
  if (again.email) q.set('ask', 'email');
  return `/api/v1/auth/${encodeURIComponent(name)}/start?${q}`;
}

/** For somebody who is signed in: one more way in, or the word of one they have. */
export const startFor = (name: string, purpose: 'link' | 'proof', next: string): Promise<{ url: string }> =>
  call<{ url: string }>('POST', `/auth/${encodeURIComponent(name)}/start`, { body: { purpose, next } });

async function become(path: string, body: unknown): Promise<Session> {
  const s = await call<Session>('POST', path, { body });
  session.value = s;
  return s;
}

export const enterByLiff = (idToken: string): Promise<Session> => become('/auth/line/liff', { id_token: idToken });

export interface Identity {
  id: string;
  provider: string;
  /** What the provider calls the person, or their address; either may be unknown. */
  name: string | null;
  email: string | null;
  email_verified: boolean;
  linked_at: number;
  last_used_at: number | null;
  /** False: it is the last way in. */
  removable: boolean;
}

export interface Device {
  id: string;
  device: string;
  provider: string | null;
  created_at: number;
  seen_at: number;
  current: boolean;
}

export interface WaysIn {
  items: Identity[];
  password: boolean;
}

export const listIdentities = (): Promise<WaysIn> => call<WaysIn>('GET', '/me/identities');
export const dropIdentity = (id: string): Promise<void> => call<void>('DELETE', `/me/identities/${id}`);
export const listDevices = (): Promise<{ items: Device[] }> => call<{ items: Device[] }>('GET', '/me/sessions');
export const endDevice = (id: string): Promise<void> => call<void>('DELETE', `/me/sessions/${id}`);
export const endOthers = (): Promise<void> => call<void>('DELETE', '/me/sessions');

/** Says again who one is: what matters asks for a word that is fresh. */
export async function prove(password: string): Promise<void> {
  session.value = await call<Session>('POST', '/sessions/proof', { body: { password } });
}

export const getMe = (): Promise<Me> => call<Me>('GET', '/me');
export const setPassword = (password: string): Promise<void> => call<void>('PUT', '/me/password', { body: { password } });

export const askEmail = (email: string): Promise<void> => call<void>('POST', '/me/email', { body: { email } });
export const confirmEmail = (code: string): Promise<Me> => call<Me>('POST', '/me/email/confirm', { body: { code } });
export const forgotPassword = (email: string): Promise<void> => call<void>('POST', '/accounts/password/forgot', { body: { email } });

/** A new password, and signed in with it. */
export const resetPassword = (email: string, code: string, password: string): Promise<Session> =>
  become('/accounts/password/reset', { email, code, password });

/** What goes along out of an app's browser: where one is, what one has typed, and a guest's own things. */
export const makeHandover = (path: string, draft: string): Promise<{ url: string; expires_at: number }> =>
  call<{ url: string; expires_at: number }>('POST', '/sessions/handover', { body: { path, draft } });

export interface Handed {
  /** Of the guest that comes along; null: only the place and the draft do. */
  name: string | null;
  path: string;
  cart_n: number;
  /** What taking it does to who this browser is. */
  would: 'nothing' | 'become' | 'replace' | 'merge';
}

export const lookHandover = (token: string): Promise<Handed> => call<Handed>('POST', '/sessions/handover/look', { body: { token } });

export async function takeHandover(token: string, would: Handed['would']): Promise<{ path: string; draft: string }> {
  const got = await call<{ session: Session; path: string; draft: string | null }>('POST', '/sessions/handover/take', { body: { token, would } });
  session.value = got.session;
  return { path: got.path, draft: got.draft ?? '' };
}

export interface Consent {
  kind: string;
  granted: boolean;
  version: string;
  source: string;
  shop: string | null;
  ref: string | null;
  at: number;
  current: boolean;
}

export const listConsents = (): Promise<{ items: Consent[] }> => call<{ items: Consent[] }>('GET', '/me/consents');
export const setConsent = (kind: string, granted: boolean, lang: string): Promise<{ items: Consent[] }> =>
  call<{ items: Consent[] }>('POST', '/me/consents', { body: { kind, granted, lang } });

export interface Export {
  id: string;
  state: 'running' | 'ready' | 'failed';
  bytes: number | null;
  at: number;
  ready_at: number | null;
  expires_at: number;
}

export const startExport = (): Promise<Export> => call<Export>('POST', '/me/export', { body: {} });
export const listExports = (): Promise<{ items: Export[] }> => call<{ items: Export[] }>('GET', '/me/exports');
export const getExport = (id: string): Promise<Export> => call<Export>('GET', `/me/exports/${id}`);
export const exportFile = (id: string): string => `/api/v1/me/exports/${id}/file`;

export interface Stays {
  what: string;
  n: number;
  why: string;
  until: number | null;
}

export interface Deletion {
  kind: 'account' | 'guest';
  blocked: { shop: string; name: string }[];
  goes: { what: string; n: number }[];
  stays: Stays[];
  open_orders: { no: string; state: string }[];
}

export const lookDeletion = (): Promise<Deletion> => call<Deletion>('GET', '/me/deletion');
export const deleteMe = (): Promise<{ code: string; url: string }> => call<{ code: string; url: string }>('DELETE', '/me', { body: { confirm: 'delete' } });

export interface PrivacyRequest {
  code: string;
  kind: 'erase' | 'export';
  state: 'running' | 'done' | 'failed';
  at: number;
  done_at: number | null;
  stays: Stays[];
}

export const getRequest = (code: string): Promise<PrivacyRequest> => call<PrivacyRequest>('GET', `/privacy/requests/${encodeURIComponent(code)}`);
