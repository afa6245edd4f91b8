import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '../api/http.ts';
import type { Session } from '../api/types.ts';
import { offer } from './offer.ts';

const nobody: Session = { kind: 'anonymous', viewer: null, staff: [], csrf: 'c' };
const account: Session = { kind: 'account', viewer: { id: 'usr_2', name: 'Mei', lang: 'en' }, staff: [], csrf: 'd' };
const posted: { path: string; body: unknown }[] = [];
let signedIn = true;
let arrives = true;

/** A page with the server's answers and LINE's library as its host would give it. Nothing of an earlier visit is left. */
async function page(status = 201): Promise<typeof import('./liff.ts')> {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    if (init.method === 'POST') posted.push({ path: url.replace('/api/v1', ''), body: JSON.parse(String(init.body)) });
    if (url.endsWith('/liff')) return Promise.resolve(new Response(JSON.stringify(status === 201 ? account : { code: 'input' }), { status }));
    return Promise.resolve(new Response(JSON.stringify(url.endsWith('/auth/providers') ? offer.value : session.value)));
  });
  vi.resetModules();
  const liff = await import('./liff.ts');
  const { session: here } = await import('../api/http.ts');
  here.value = session.value;
  return liff;
}

beforeEach(() => {
  sessionStorage.clear();
  posted.length = 0;
  signedIn = arrives = true;
  session.value = nobody;
  offer.value = { items: [{ name: 'line', label: 'LINE', kind: 'openid' }], liff_id: '123-abc' };
  vi.spyOn(document.head, 'append').mockImplementation((...nodes) => {
    const script = nodes[0] as HTMLScriptElement;
    expect(script.src).toMatch(/^https:\/\/static\.line-scdn\.net\/liff\//);
    window.liff = { init: () => Promise.resolve(), isLoggedIn: () => signedIn, getIDToken: () => 'a.b.c' };
    queueMicrotask(() => script.dispatchEvent(new Event(arrives ? 'load' : 'error')));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  delete window.liff;
});

describe('inside LINE', () => {
  it('signs in by the word of the app, which the server checks', async () => {
    const { enterInLine } = await page();
    expect((await enterInLine())?.kind).toBe('account');
    expect(posted).toEqual([{ path: '/auth/line/liff', body: { id_token: 'a.b.c' } }]);
  });

  it('leaves it to the web where there is no such id, no word, no library, or the server refuses', async () => {
    const got: unknown[] = [];
    offer.value = { items: [], liff_id: null };
    got.push(await (await page()).enterInLine());
    offer.value = { items: [], liff_id: '123-abc' };
    signedIn = false;
    got.push(await (await page()).enterInLine());
    signedIn = true;
    arrives = false;
    got.push(await (await page()).enterInLine());
    arrives = true;
    got.push(await (await page(400)).enterInLine());
    expect(got).toEqual([null, null, null, null]);
  });

  it('begins signed in, once a visit: who signs out stays out', async () => {
    const { startInLine } = await page();
    expect((await startInLine())?.kind).toBe('account');
    expect(await startInLine()).toBeNull();
    expect(posted.length).toBe(1);
  });

  it('asks nothing of who is signed in already', async () => {
    session.value = account;
    const { startInLine } = await page();
    expect(await startInLine()).toBeNull();
    expect(posted).toEqual([]);
  });
});
