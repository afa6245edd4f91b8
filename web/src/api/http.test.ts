import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, loadSession, Problem, session } from './http.ts';

const who = (csrf: string) => ({ kind: 'anonymous', viewer: null, staff: [], csrf });
const answer = (status: number, body?: unknown): Response =>
  new Response(body === undefined ? null : JSON.stringify(body), { status });

const fetchMock = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const sent = (i: number): { url: string; headers: Record<string, string> } => {
  const [url, init] = fetchMock.mock.calls[i] ?? ['', {}];
  return { url, headers: init.headers as Record<string, string> };
};

beforeEach(() => {
  fetchMock.mockReset();
  vi.stubGlobal('fetch', fetchMock);
  session.value = null;
});
afterEach(() => vi.unstubAllGlobals());

describe('call', () => {
  it('reads the session first when a write needs its token', async () => {
    fetchMock.mockResolvedValueOnce(answer(200, who('t1'))).mockResolvedValueOnce(answer(204));
    await call('POST', '/shows/shw_1/likes', { body: { n: 1 } });
    expect(sent(0).url).toBe('/api/v1/sessions/current');
    expect(sent(1).headers['X-CSRF-Token']).toBe('t1');
  });

  it('renews a stale token once and sends again', async () => {
    session.value = who('old') as typeof session.value;
    fetchMock
      .mockResolvedValueOnce(answer(403, { code: 'csrf' }))
      .mockResolvedValueOnce(answer(200, who('new')))
      .mockResolvedValueOnce(answer(201, { id: 'msg_1' }));
    expect(await call('POST', '/x', { body: {} })).toEqual({ id: 'msg_1' });
    expect(sent(2).headers['X-CSRF-Token']).toBe('new');
  });

  it('does not loop when the token is refused again', async () => {
    session.value = who('old') as typeof session.value;
    fetchMock.mockImplementation((url) =>
      Promise.resolve(url.endsWith('/sessions/current') ? answer(200, who('new')) : answer(403, { code: 'csrf' })));
    await expect(call('POST', '/x')).rejects.toMatchObject({ code: 'csrf' });
    expect(fetchMock).toHaveBeenCalledTimes(3);
  });

  it('looks who is here when an account is told to sign in: it was signed out elsewhere', async () => {
    session.value = { ...who('t1'), kind: 'account' } as typeof session.value;
    fetchMock.mockResolvedValueOnce(answer(401, { code: 'need_login' })).mockResolvedValueOnce(answer(200, who('t2')));
    await expect(call('GET', '/me')).rejects.toMatchObject({ code: 'need_login' });
    await vi.waitFor(() => expect(session.value?.kind).toBe('anonymous'));
    fetchMock.mockResolvedValueOnce(answer(401, { code: 'need_login' }));
    await expect(call('GET', '/me')).rejects.toMatchObject({ code: 'need_login' });
    expect(fetchMock).toHaveBeenCalledTimes(3);
  });

  it('turns a problem document into a Problem', async () => {
    fetchMock.mockResolvedValueOnce(answer(429, { code: 'slow_down', retry_ms: 800 }));
    const e = await call('GET', '/x').catch((x: unknown) => x);
    expect(e).toBeInstanceOf(Problem);
    expect(e).toMatchObject({ status: 429, code: 'slow_down', retryMs: 800 });
  });

  it('calls an answer that is no JSON bad, and no answer offline', async () => {
    fetchMock.mockResolvedValueOnce(new Response('<html>', { status: 502 }));
    await expect(call('GET', '/x')).rejects.toMatchObject({ status: 502, code: 'bad_answer' });
    fetchMock.mockRejectedValueOnce(new TypeError('failed'));
    await expect(call('GET', '/x')).rejects.toMatchObject({ status: 0, code: 'offline' });
  });

  it('sends the version of what it changes', async () => {
    session.value = who('t') as typeof session.value;
    fetchMock.mockResolvedValueOnce(answer(200, {}));
    await call('PATCH', '/shows/shw_1', { body: {}, version: 4 });
    expect(sent(0).headers['If-Match']).toBe('"4"');
  });

  it('asks for the session once, however many wait for it', async () => {
    fetchMock.mockResolvedValueOnce(answer(200, who('t')));
    await Promise.all([loadSession(), loadSession()]);
    expect(fetchMock).toHaveBeenCalledTimes(1);
  });
});
