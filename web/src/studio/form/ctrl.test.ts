import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '../../api/http.ts';
import type { Show } from '../../api/types.ts';
import { FormCtrl } from './ctrl.ts';

const shop = { id: 'shp_1', slug: 's', name: 'S' };
session.value = { kind: 'account', viewer: { id: 'usr_1', name: '小美', lang: 'zh-TW' }, staff: [{ shop, role: 'host' }], csrf: 'x' };

const show = (over: Partial<Show> = {}): Show => ({
  id: 'shw_1', title: { 'zh-TW': '帆布包' }, state: 'draft', starts_at: null, live_started_at: null, ended_at: null, host_name: '小美',
  cover: { id: 'tw-bag', url: '' }, shop, viewers: { now: 0, peak: 0 }, likes: 0, chat: { mode: 'open', slow_s: 10 }, playback: null,
  duration_ms: null, thumbnail: null, version: 1, ...over,
});

interface Sent {
  method: string;
  path: string;
  version: string | null;
  body: unknown;
}

/** Answers calls one after the other and keeps what was asked. */
function server(...answers: [status: number, body: unknown][]): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    const [status, body] = answers[sent.length] ?? [500, {}];
    sent.push({
      method: init.method ?? '', path, version: new Headers(init.headers).get('If-Match'),
      body: init.body ? JSON.parse(init.body as string) : null,
    });
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return sent;
}

afterEach(() => vi.unstubAllGlobals());

describe('saving a show', () => {
  it('makes a new one with what was filled in', async () => {
    const sent = server([201, show()]);
    const c = new FormCtrl(null);
    c.set('zh', '帆布包');
    expect((await c.save())?.id).toBe('shw_1');
    expect(sent[0]).toMatchObject({ method: 'POST', path: '/api/v1/shows', body: { title: { 'zh-TW': '帆布包' }, cover: 'tw-bag', host_name: '小美', shop: 'shp_1' } });
  });

  it('asks nobody while a title is missing', async () => {
    const sent = server();
    const c = new FormCtrl(null);
    expect(await c.save()).toBeNull();
    expect(c.faults.value).toEqual({ zh: 'titleEmpty' });
    expect(sent).toEqual([]);
    c.set('zh', 'x');
    expect(c.faults.value).toEqual({});
  });

  it('sends only the change, with the version it was made on', async () => {
    const sent = server([200, show({ version: 2 })]);
    const c = new FormCtrl(show());
    c.set('en', 'Bags');
    await c.save();
    expect(sent[0]).toMatchObject({ method: 'PATCH', version: '"1"', body: { title: { 'zh-TW': '帆布包', en: 'Bags' } } });
    expect(c.dirty.value).toBe(false);
  });

  it('puts a draft with a time on the programme', async () => {
    const sent = server([200, show({ state: 'scheduled' })]);
    const c = new FormCtrl(show());
    c.set('starts', '2099-01-01T20:00');
    await c.save();
    expect(sent[0]?.body).toMatchObject({ state: 'scheduled' });
  });
});

describe('someone else saved first', () => {
  it('goes on by itself when they changed something else', async () => {
    const theirs = show({ version: 5, cover: { id: 'tw-mug', url: '' } });
    const sent = server([412, { code: 'precondition_failed' }], [200, theirs], [200, { ...theirs, version: 6 }]);
    const c = new FormCtrl(show());
    c.set('en', 'Bags');
    expect(await c.save()).not.toBeNull();
    expect(sent[2]).toMatchObject({ version: '"5"', body: { title: { 'zh-TW': '帆布包', en: 'Bags' } } });
    expect(c.taken.value).toEqual(['cover']);
  });

  it('asks when they changed the same, and saves what was chosen', async () => {
    const theirs = show({ version: 5, title: { 'zh-TW': '他的' } });
    const sent = server([412, { code: 'precondition_failed' }], [200, theirs], [200, show({ version: 6 })]);
    const c = new FormCtrl(show());
    c.set('zh', '我的');
    expect(await c.save()).toBeNull();
    expect(c.clashes.value).toEqual([{ field: 'zh', mine: '我的', theirs: '他的' }]);
    expect(await c.save()).toBeNull();
    expect(sent).toHaveLength(2);
    c.settle('zh', false);
    await c.save();
    expect(sent[2]).toMatchObject({ version: '"5"', body: { title: { 'zh-TW': '我的' } } });
  });

  it('has nothing left to save when theirs was chosen', async () => {
    server([412, { code: 'precondition_failed' }], [200, show({ version: 5, title: { 'zh-TW': '他的' } })]);
    const c = new FormCtrl(show());
    c.set('zh', '我的');
    await c.save();
    c.settle('zh', true);
    expect((await c.save())?.version).toBe(5);
  });
});

describe('a failure', () => {
  it('is kept to be said, and the text stays', async () => {
    server([503, { code: 'busy' }]);
    const c = new FormCtrl(show());
    c.set('en', 'Bags');
    expect(await c.save()).toBeNull();
    expect(c.failed.value?.code).toBe('busy');
    expect(c.draft.value.en).toBe('Bags');
    expect(c.busy.value).toBe(false);
  });
});
