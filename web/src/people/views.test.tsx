import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '../api/http.ts';
import type { Session } from '../api/types.ts';
import { HandoverPage } from '../handover/view.tsx';
import { setLang } from '../i18n/index.ts';
import { ProofSheet, useProof, type Proof } from '../me/proof.tsx';
import { SecurityPage } from '../me/security.tsx';
import { shopReady } from '../shop/strings.ts';
import { refusedPassword } from '../signin/check.ts';
import { SignIn } from '../signin/view.tsx';
import { path } from '../ui/route.ts';
import { Toasts } from '../ui/toast.tsx';
import { offer } from './offer.ts';
import { peopleReady } from './strings.ts';

const nobody: Session = { kind: 'anonymous', viewer: null, staff: [], csrf: 'c' };
const account: Session = { kind: 'account', viewer: { id: 'usr_2', name: 'Mei', lang: 'en' }, staff: [], csrf: 'd' };
const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148';
let root: HTMLElement;
let answers: Record<string, () => Response>;
const posted: { path: string; body: unknown }[] = [];
const json = (status: number, body: unknown) => () => new Response(JSON.stringify(body), { status });
const settle = (): Promise<void> => act(() => new Promise<void>((done) => { setTimeout(done, 5); }));
const find = (id: string): HTMLElement | null => root.querySelector(`[data-testid="${id}"]`);
const press = async (id: string): Promise<void> => {
  find(id)?.click();
  await settle();
};
const show = async (view: preact.JSX.Element): Promise<void> => {
  act(() => render(view, root));
  await settle();
};

beforeAll(async () => {
  await setLang('en');
  await Promise.all([peopleReady(), shopReady()]);
});
beforeEach(() => {
  root = document.createElement('div');
  document.body.append(root);
  posted.length = 0;
  answers = { 'GET /auth/providers': () => json(200, offer.value)() };
  session.value = nobody;
  offer.value = { items: ['line', 'facebook', 'google'].map((name) => ({ name, label: name.toUpperCase(), kind: 'openid' })), liff_id: null };
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const to = url.replace('/api/v1', '');
    if (init.method !== 'GET') posted.push({ path: to, body: JSON.parse(String(init.body ?? 'null')) });
    return Promise.resolve(answers[`${init.method} ${to}`]?.() ?? json(200, session.value)());
  });
});
afterEach(() => {
  act(() => render(null, root));
  root.remove();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  history.replaceState(null, '', '/');
});

describe('the page of signing in', () => {
  it('says why a way did not work and offers it again, where that can help', async () => {
    history.replaceState(null, '', '/signin?error=mismatch&provider=line&next=/s/shw_1');
    await show(<SignIn />);
    expect(find('signin-error')?.dataset['code']).toBe('mismatch');
    expect(find('signin-retry')).not.toBeNull();
    for (const query of ['error=taken&provider=line&purpose=link', 'error=unsupported&provider=line', 'error=denied&provider=line', 'error=failed&provider=line&purpose=proof']) {
      history.replaceState(null, '', `/signin?${query}&next=/me/security`);
      act(() => render(null, root));
      await show(<SignIn />);
      expect([query, find('signin-error') !== null, find('signin-retry')]).toEqual([query, true, null]);
    }
  });

  it('shows nothing that somebody else has put into the address', async () => {
    history.replaceState(null, '', '/signin?error=%3Cb%3E&provider=%3Cimg%20src=x%3E&next=//evil.example/');
    await show(<SignIn />);
    expect(root.innerHTML).not.toContain('<img src="x"');
    expect(root.innerHTML).not.toContain('evil.example');
  });

  it('hides what fails inside an app, and leads out of it', async () => {
    vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue(`${iphone} Safari Line/15.1.0`);
    history.replaceState(null, '', '/signin?next=/s/shw_1');
    await show(<SignIn />);
    expect([find('login-line'), find('login-google'), find('open-in-browser')].map(Boolean)).toEqual([true, false, true]);
  });

  it('gives the link by hand where an app has no word for it, and puts the address back', async () => {
    vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue(`${iphone} [FBAN/FBIOS;FBAV/490.0.0]`);
    answers['POST /sessions/handover'] = json(201, { url: `${location.origin}/h?openExternalBrowser=1#tok`, expires_at: 1 });
    history.replaceState(null, '', '/signin?next=/s/shw_1');
    await show(<SignIn />);
    await press('open-in-browser');
    expect((find('out-link') as HTMLInputElement).value).toContain('/h?openExternalBrowser=1#tok');
    expect(location.hash).toBe('#tok');
    act(() => render(null, root));
    expect(location.pathname + location.search + location.hash).toBe('/signin?next=/s/shw_1');
  });
});

describe('a way out that the app swallows', () => {
  it('is followed by the way by hand', async () => {
    vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue('Mozilla/5.0 (Linux; Android 14; wv) Chrome/130.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/490.0.0]');
    const left = vi.spyOn(location, 'assign').mockImplementation(() => undefined);
    answers['POST /sessions/handover'] = json(201, { url: `${location.origin}/h?openExternalBrowser=1#tok`, expires_at: 1 });
    history.replaceState(null, '', '/signin?next=/s/shw_1');
    await show(<SignIn />);
    await press('open-in-browser');
    expect([left.mock.calls[0]?.[0]?.toString().startsWith('intent://'), find('out-link')]).toEqual([true, null]);
    await vi.waitFor(() => expect(find('out-link')).not.toBeNull(), 4000);
  });
});

describe('a new password', () => {
  it.each([['nightmarket-2027', 'Too easy'], ['x'.repeat(129), 'Too long'], ['🍢'.repeat(6), '10 characters']])('that is refused, %s, is told why', (password, why) =>
    expect(refusedPassword(password)).toContain(why));
});

describe('taking the last way in that needs no password away', () => {
  const of = (id: string, provider: string) => ({ id, provider, email: null, email_verified: true, name: null, linked_at: 1, last_used_at: 1, removable: true });

  it.each([[false, true], [true, false]])('with a password: %s, asks for one first: %s', async (password, asks) => {
    session.value = account;
    answers['GET /me/identities'] = json(200, { items: [of('idn_1', 'line'), of('idn_2', 'email')], password });
    answers['GET /me/sessions'] = json(200, { items: [] });
    await show(<SecurityPage />);
    await press('unlink-line');
    expect(document.querySelector('[data-testid="unlink-password"]') !== null).toBe(asks);
  });
});

describe('the other end of the way out of an app', () => {
  const token = 'a'.repeat(43);
  const handed = { name: 'Fish', path: '/s/shw_1', cart_n: 2, would: 'become' };

  it('does nothing before a tap, then goes where one was with what was being written', async () => {
    history.replaceState(null, '', `/h#${token}`);
    answers['POST /sessions/handover/look'] = json(200, handed);
    answers['POST /sessions/handover/take'] = json(201, { session: { ...nobody, kind: 'guest', viewer: { id: 'usr_1', name: 'Fish', lang: 'en' } }, path: '/s/shw_1', draft: 'hello' });
    await show(<HandoverPage />);
    expect(find('handover-name')?.textContent).toBe('Fish');
    expect(posted.map((p) => p.path)).toEqual(['/sessions/handover/look']);
    await press('handover-go');
    expect(posted.at(-1)).toEqual({ path: '/sessions/handover/take', body: { token, would: 'become' } });
    expect([path.value, sessionStorage.getItem('nm-draft-shw_1'), session.value?.kind]).toEqual(['/s/shw_1', 'hello', 'guest']);
  });

  it('goes nowhere else, whatever the link says', async () => {
    history.replaceState(null, '', `/h#${token}`);
    answers['POST /sessions/handover/look'] = json(200, { ...handed, path: '//evil.example/' });
    answers['POST /sessions/handover/take'] = json(201, { session: nobody, path: '//evil.example/', draft: '' });
    await show(<HandoverPage />);
    await press('handover-go');
    expect(location.href).not.toContain('evil');
    expect(path.value).toBe('/');
  });

  it('asks before it replaces who is here', async () => {
    session.value = { ...nobody, kind: 'guest', viewer: { id: 'usr_9', name: 'Owl', lang: 'en' } };
    history.replaceState(null, '', `/h#${token}`);
    answers['POST /sessions/handover/look'] = json(200, { ...handed, would: 'replace' });
    await show(<HandoverPage />);
    expect(find('handover-replace')?.textContent).toContain('Owl');
    expect(find('handover-stay')).not.toBeNull();
  });

  it('says that a link is used or was never one', async () => {
    history.replaceState(null, '', '/h#short');
    await show(<HandoverPage />);
    expect(find('handover')?.dataset['state']).toBe('gone');
    expect(posted).toEqual([]);
    act(() => render(null, root));
    history.replaceState(null, '', `/h#${token}`);
    answers['POST /sessions/handover/look'] = json(404, { code: 'not_found' });
    await show(<HandoverPage />);
    expect(find('handover')?.dataset['state']).toBe('gone');
  });
});

describe('back from a provider', () => {
  const line = { id: 'idn_1', provider: 'line', email: null, email_verified: false, name: null, linked_at: 1, last_used_at: 1, removable: true };
  const shown = async (at: string, who: Session): Promise<string[]> => {
    session.value = who;
    history.replaceState(null, '', at);
    answers['GET /me/identities'] = json(200, { items: [line], password: true });
    answers['GET /me/sessions'] = json(200, { items: [] });
    await show(<><SecurityPage /><Toasts /></>);
    await settle();
    return [...root.querySelectorAll('[data-testid="toast"]')].map((e) => e.textContent ?? '');
  };

  it('says that a link came about only when it did, and takes its mark away', async () => {
    expect(await shown('/me/security?linked=google', account)).toEqual([]);
    expect(location.search).toBe('');
    act(() => render(null, root));
    expect(await shown('/me/security?linked=line', account)).toEqual(['LINE is linked']);
  });

  it('says that one is known again only when that is so', async () => {
    const said = async (until: number): Promise<boolean> => {
      act(() => render(null, root));
      return (await shown('/me/security?proved=1', { ...account, proved_until: until })).some((x) => x.startsWith('Confirmed'));
    };
    expect(await said(0)).toBe(false);
    expect(await said(Date.now() + 60_000)).toBe(true);
  });
});

describe('an act that wants to know who it is', () => {
  let proof: Proof;
  function Page() {
    proof = useProof();
    return <ProofSheet proof={proof} />;
  }

  it('is done after the password is given again, once', async () => {
    session.value = account;
    let proved = false;
    let done = 0;
    answers['POST /sessions/proof'] = () => {
      proved = (posted.at(-1)?.body as { password: string } | undefined)?.password === 'right';
      return proved ? json(200, account)() : json(401, { code: 'bad_login' })();
    };
    answers['DELETE /me/identities/idn_1'] = () => (proved ? new Response(null, { status: 204 }) : json(403, { code: 'need_proof', ways: ['password', 'line'] })());
    await show(<Page />);
    const { dropIdentity } = await import('../api/people.ts');
    const wrong = vi.fn();
    await act(() => proof.run(async () => {
      await dropIdentity('idn_1');
      done += 1;
    }, wrong));
    expect([find('proof-sheet'), find('proof-line')].map(Boolean)).toEqual([true, true]);
    for (const password of ['', 'wrong', 'right']) {
      (find('proof-password') as HTMLInputElement).value = password;
      await press('proof-go');
    }
    await settle();
    expect([done, find('proof-sheet'), wrong.mock.calls.length]).toEqual([1, null, 0]);
    expect(posted.filter((p) => p.path === '/sessions/proof').length).toBe(2);
  });
});
