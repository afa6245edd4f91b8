import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '../../api/http.ts';
import { KeysCtrl } from './keys-ctrl.ts';

session.value = { kind: 'account', viewer: null, staff: [], csrf: 'x' };
const ingest = { rtmps: { url: 'rtmps://a/live/', key: 'k1' }, rtmp: null, grove: 'larix://', ca_url: null, rotated_at: null };

function answer(status: number, body: unknown): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path}`);
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return asked;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('broadcast keys', () => {
  it('are not asked for before they are wanted, and forgotten after two minutes', async () => {
    vi.useFakeTimers();
    const asked = answer(200, ingest);
    const c = new KeysCtrl('shw_1');
    expect(asked).toEqual([]);
    await c.reveal();
    expect(c.ingest.value?.rtmps.key).toBe('k1');
    vi.advanceTimersByTime(119_000);
    expect(c.ingest.value).not.toBeNull();
    vi.advanceTimersByTime(1000);
    expect(c.ingest.value).toBeNull();
  });

  it('are made anew on request', async () => {
    const asked = answer(200, { ...ingest, rtmps: { url: 'u', key: 'k2' } });
    const c = new KeysCtrl('shw_1');
    expect(await c.rotate()).toBe(true);
    expect(asked).toEqual(['POST /api/v1/shows/shw_1/ingest/rotate']);
    expect(c.ingest.value?.rtmps.key).toBe('k2');
    c.hide();
  });

  it('stay hidden when the Stream service does not answer', async () => {
    answer(502, { code: 'upstream' });
    const c = new KeysCtrl('shw_1');
    expect(await c.reveal()).toBe(false);
    expect(c.failed.value?.code).toBe('upstream');
    expect(c.ingest.value).toBeNull();
  });
});
