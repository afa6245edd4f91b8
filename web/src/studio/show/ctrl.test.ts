import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '../../api/http.ts';
import type { Message, Show } from '../../api/types.ts';
import { ShowCtrl, sourceOf } from './ctrl.ts';

const shop = { id: 'shp_1', slug: 's', name: 'S' };
const base = {
  id: 'shw_1', title: { en: 'x' }, state: 'live', shop, viewers: { now: 3, peak: 9 }, likes: 4, chat: { mode: 'open', slow_s: 10 },
  playback: { kind: 'live', hls: '/l.m3u8', offset_ms: 0 },
} as unknown as Show;
const message = (over: Partial<Message> = {}): Message => ({
  id: 'msg_1', name: '賣假貨', badge: null, text: 'line: x', lang: 'zh-TW', kind: 'chat', at: 1, seq: 1, state: 'shown', ...over,
});

let sent: { method: string; path: string; body: unknown }[] = [];

function answer(status: number, body: unknown): void {
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    sent.push({ method: init.method ?? '', path: path.replace('/api/v1', ''), body: init.body ? JSON.parse(init.body as string) : null });
    return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status }));
  });
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 40));

beforeEach(() => {
  sent = [];
  session.value = { kind: 'account', viewer: { id: 'usr_1', name: '小美', lang: 'zh-TW' }, staff: [{ shop, role: 'moderator' }], csrf: 'x' };
});
afterEach(() => vi.unstubAllGlobals());

describe('moderating', () => {
  it('hides at once and keeps the line, marked', async () => {
    const c = new ShowCtrl('shw_1');
    c.desk.put(message());
    answer(200, message({ state: 'hidden' }));
    const done = c.setMessage('msg_1', 'hidden');
    expect(c.desk.get('msg_1')?.state).toBe('hidden');
    await done;
    expect(sent).toEqual([{ method: 'PATCH', path: '/messages/msg_1', body: { state: 'hidden' } }]);
  });

  it('takes it back when the server refuses', async () => {
    const c = new ShowCtrl('shw_1');
    c.desk.put(message());
    answer(403, { code: 'forbidden' });
    await c.setMessage('msg_1', 'hidden');
    expect(c.desk.get('msg_1')?.state).toBe('shown');
  });

  it('mutes for ten minutes and bans without an end', async () => {
    const c = new ShowCtrl('shw_1');
    answer(201, { id: 'san_1', kind: 'mute', until: 1, name: 'x' });
    await c.punish(message(), 'mute');
    await c.punish(message(), 'ban');
    expect(sent.map((s) => s.body)).toEqual([{ message: 'msg_1', kind: 'mute', minutes: 10 }, { message: 'msg_1', kind: 'ban' }]);
  });

  it('puts the chat rule back when it could not be changed', async () => {
    const c = new ShowCtrl('shw_1');
    answer(503, { code: 'busy' });
    const done = c.toggleSlow();
    expect(c.chat.value.mode).toBe('slow');
    await done;
    expect(c.chat.value.mode).toBe('open');
  });
});

describe('writing as host', () => {
  it('keeps the text when it was not sent', async () => {
    const c = new ShowCtrl('shw_1');
    c.write('放得下');
    answer(503, { code: 'busy' });
    await c.send();
    expect(c.draft.value).toBe('放得下');
  });

  it('empties the field and shows the line', async () => {
    const c = new ShowCtrl('shw_1');
    c.write('放得下');
    answer(201, message({ id: 'msg_7', badge: 'host', text: '放得下' }));
    await c.send();
    await settled();
    expect(c.draft.value).toBe('');
    expect(c.desk.lines.value[0]?.badge).toBe('host');
  });
});

describe('who may do what', () => {
  it('a moderator keeps order but does not run the show', () => {
    const c = new ShowCtrl('shw_1');
    c.setShow(base);
    expect([c.runs.value, c.moderates.value, c.archives.value]).toEqual([false, true, false]);
  });

  it('a moderator of another shop does nothing here', () => {
    const c = new ShowCtrl('shw_1');
    c.setShow({ ...base, shop: { ...shop, id: 'shp_2' } });
    expect([c.runs.value, c.moderates.value]).toEqual([false, false]);
  });
});

describe('the preview', () => {
  it('is private backstage, then what viewers get, and nothing in between', () => {
    const preview = { hls: '/p.m3u8' };
    expect(sourceOf({ ...base, state: 'backstage', preview })?.hls).toBe('/p.m3u8');
    expect(sourceOf({ ...base, state: 'live', preview })?.hls).toBe('/l.m3u8');
    expect(sourceOf({ ...base, state: 'ended' })).toBeNull();
    expect(sourceOf({ ...base, state: 'scheduled', playback: null })).toBeNull();
  });
});

describe('another staff member', () => {
  it('who ends the show closes the question whether to end it', () => {
    const c = new ShowCtrl('shw_1');
    c.setShow(base);
    c.panel.value = { is: 'end' };
    c.setShow({ ...base, likes: 9 });
    expect(c.panel.value).not.toBeNull();
    c.setShow({ ...base, state: 'ended' });
    expect(c.panel.value).toBeNull();
  });
});

describe('a broken signal', () => {
  it('is timed from its start, and over when the picture is back', () => {
    const c = new ShowCtrl('shw_1');
    c.setShow({ ...base, state: 'interrupted' });
    const since = c.brokeAt.value;
    expect(since).not.toBeNull();
    c.setShow({ ...base, state: 'interrupted', likes: 5 });
    expect(c.brokeAt.value).toBe(since);
    c.setShow(base);
    expect(c.brokeAt.value).toBeNull();
  });
});
