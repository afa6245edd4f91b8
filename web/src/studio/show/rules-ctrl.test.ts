import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '../../api/http.ts';
import { RulesCtrl } from './rules-ctrl.ts';

session.value = { kind: 'account', viewer: null, staff: [], csrf: 'x' };

function answers(by: Record<string, [status: number, body: unknown]>): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    const what = `${init.method} ${path.replace('/api/v1', '')}`;
    asked.push(init.body ? `${what} ${init.body as string}` : what);
    const [status, body] = by[what] ?? [404, {}];
    return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status }));
  });
  return asked;
}

const loaded = {
  'GET /shows/shw_1/blocked-words': [200, { words: ['假貨', 'line:'] }] as [number, unknown],
  'GET /shows/shw_1/sanctions': [200, { items: [{ id: 'san_1', kind: 'mute', until: 9, name: '阿明' }] }] as [number, unknown],
};

afterEach(() => vi.unstubAllGlobals());

describe('rules of a chat', () => {
  it('are read and shown one word a line', async () => {
    answers(loaded);
    const c = new RulesCtrl('shw_1');
    await c.load();
    expect(c.text.value).toBe('假貨\nline:');
    expect(c.sanctions.value).toHaveLength(1);
  });

  it('save what was typed, tidied', async () => {
    const asked = answers({ 'PUT /shows/shw_1/blocked-words': [200, { words: ['a', 'b'] }] });
    const c = new RulesCtrl('shw_1');
    c.write('a,\n b ,a');
    await c.save();
    expect(asked).toEqual(['PUT /shows/shw_1/blocked-words {"words":["a","b"]}']);
    expect(c.saved.value).toBe(true);
  });

  it('refuse a word that is too long before asking', async () => {
    const asked = answers({});
    const c = new RulesCtrl('shw_1');
    c.write('x'.repeat(41));
    await c.save();
    expect(c.fault?.is).toBe('tooLong');
    expect(asked).toEqual([]);
  });

  it('put someone back on the list when the end of a sanction failed', async () => {
    answers({ ...loaded, 'DELETE /sanctions/san_1': [503, { code: 'busy' }] });
    const c = new RulesCtrl('shw_1');
    await c.load();
    await c.release('san_1');
    expect(c.sanctions.value).toHaveLength(1);
    expect(c.failed.value?.code).toBe('busy');
  });
});
