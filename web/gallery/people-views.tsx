import type { JSX } from 'preact';
import { session } from '../src/api/http.ts';
import type { Session } from '../src/api/types.ts';
import { HandoverPage } from '../src/handover/view.tsx';
import { MePages } from '../src/me/pages.tsx';
import { offer } from '../src/people/offer.ts';
import { SignIn } from '../src/signin/view.tsx';
import { answer } from './answers.ts';
import { guest, nobody, now } from './data.ts';

const all = [
  { name: 'line', label: 'LINE', kind: 'openid' }, { name: 'facebook', label: 'Facebook', kind: 'facebook' }, { name: 'apple', label: 'Apple', kind: 'apple' },
  { name: 'google', label: 'Google', kind: 'openid' }, { name: 'keycloak', label: 'Keycloak', kind: 'openid' },
];
/** Every way to sign in, as far as the view is given them. */
export const offerAll = (n = all.length): void => {
  offer.value = { items: all.slice(0, n), liff_id: null };
};

export const account: Session = { kind: 'account', viewer: { id: 'usr_2', name: '林秀蘭', lang: 'zh-TW' }, staff: [], csrf: 'c' };
const me = { id: 'usr_2', name: '林秀蘭', email: 'mei@example.tw', email_verified: true, lang: 'zh-TW' };
const day = 86_400_000;
const identities = {
  password: true,
  items: [
    { id: 'idn_1', provider: 'line', email: null, email_verified: false, name: '秀蘭 🌸', linked_at: now - 90 * day, last_used_at: now - day, removable: true },
    { id: 'idn_2', provider: 'email', email: 'mei@example.tw', email_verified: true, name: null, linked_at: now - 120 * day, last_used_at: null, removable: true },
  ],
};
const devices = [
  { id: 'ses_1', device: 'Chrome · Android', provider: 'line', created_at: now - day, seen_at: now, current: true },
  { id: 'ses_2', device: 'Safari · iPhone', provider: 'email', created_at: now - 40 * day, seen_at: now - 3 * 3_600_000, current: false },
  { id: 'ses_3', device: '', provider: null, created_at: now - 50 * day, seen_at: now - 34 * day, current: false },
];
const consents = [
  { kind: 'terms', granted: true, version: '2026-11', source: 'checkout', shop: '小美老街選物', ref: 'T261122-0042', at: now, current: true },
  { kind: 'privacy', granted: true, version: '2026-11', source: 'signup', shop: null, ref: null, at: now - day, current: true },
  { kind: 'marketing', granted: false, version: '2026-11', source: 'settings', shop: null, ref: null, at: now - day, current: true },
  { kind: 'withdrawal_notice', granted: true, version: '2026-10', source: 'checkout', shop: '小美老街選物', ref: 'T261022-0002', at: now - 31 * day, current: false },
];
const stays = [{ what: 'orders', n: 3, why: 'tax', until: now + 1825 * day }, { what: 'claims', n: 12, why: 'ledger', until: null }];
const deletion = {
  kind: 'account', blocked: [], goes: [{ what: 'profile', n: 1 }, { what: 'identities', n: 2 }, { what: 'messages', n: 48 }, { what: 'addresses', n: 1 }, { what: 'push', n: 0 }], stays,
  open_orders: [{ no: 'T261122-0042', state: 'confirmed' }],
};

function mine(path: string, given: Record<string, unknown> = {}): () => JSX.Element {
  return () => {
    session.value = account;
    offerAll();
    for (const [p, body] of Object.entries({ ...given, '/me/identities': identities, '/me/sessions': { items: devices }, '/me/consents': { items: consents }, '/me/deletion': deletion, '/push/key': { key: null }, '/me': me })) answer(p, body);
    return <MePages path={path} />;
  };
}

function at(address: string, view: () => JSX.Element): () => JSX.Element {
  return () => {
    history.replaceState(null, '', address);
    return view();
  };
}

function signIn(query: string, n = all.length): () => JSX.Element {
  return at(`?next=/s/shw_demo${query}`, () => {
    session.value = nobody;
    offerAll(n);
    return <SignIn />;
  });
}

const exported = { id: 'exp_1', state: 'ready', bytes: 48_213, at: now, ready_at: now, expires_at: now + day };
const request = { code: 'req_9k2m4x7q', kind: 'erase', state: 'done', at: now, done_at: now, stays };

function handed(of: Record<string, unknown>, who: Session = nobody): () => JSX.Element {
  return () => {
    session.value = who;
    location.hash = 'a'.repeat(43);
    answer('/sessions/handover/look', of);
    return <HandoverPage />;
  };
}

/** Coming in, and what is one's own. */
export const peopleViews: Record<string, () => JSX.Element> = {
  'signin-ways': signIn(''),
  'signin-two': signIn('', 2),
  'signin-denied': signIn('&error=denied&provider=line'),
  'signin-mismatch': signIn('&error=mismatch&provider=line'),
  'signin-down': signIn('&error=provider_down&provider=google'),
  'me-profile': mine('/me/profile'),
  'me-security': mine('/me/security'),
  'me-notices': mine('/me/notices'),
  'me-data': mine('/me/data', { '/me/exports': { items: [] } }),
  'me-data-ready': mine('/me/data', { '/me/exports': { items: [exported] } }),
  'me-data-making': mine('/me/data', { '/me/exports': { items: [{ ...exported, state: 'running', bytes: null }] } }),
  'deletion': mine('/deletion/req_9k2m4x7q', { '/privacy/requests/': request }),
  'deletion-running': mine('/deletion/req_9k2m4x7q', { '/privacy/requests/': { ...request, state: 'running', done_at: null } }),
  'handover': handed({ name: '秀蘭', path: '/s/shw_demo', cart_n: 2, would: 'become' }),
  'handover-replace': handed({ name: '秀蘭', path: '/s/shw_demo', cart_n: 0, would: 'replace' }, guest),
  'handover-place': handed({ name: null, path: '/cart', cart_n: 0, would: 'nothing' }),
};
