import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '../api/http.ts';
import type { Message, RoomEvent, Session, Show, Snapshot } from '../api/types.ts';
import { serverNow } from '../ui/clock.ts';
import { keepBack } from '../people/back.ts';
import { RoomCtrl } from './ctrl.ts';

const feed = vi.hoisted(() => ({ give: (_e: unknown): void => undefined, restarts: 0, closed: 0 }));
vi.mock('../api/feed.ts', () => ({
  openFeed: (opts: { onEvent: (e: unknown) => void }) => {
    feed.give = opts.onEvent;
    return { restart: () => { feed.restarts += 1; }, close: () => { feed.closed += 1; } };
  },
}));

const show: Show = {
  id: 'shw_1', title: { en: 'Bags' }, state: 'live', starts_at: null, live_started_at: 1, ended_at: null, host_name: 'Mei', cover: null,
  shop: { id: 'shp_1', slug: 's', name: 's' }, viewers: { now: 3, peak: 4 }, likes: 5, chat: { mode: 'open', slow_s: 0 },
  playback: { kind: 'live', hls: '/x.m3u8', offset_ms: 0 }, duration_ms: null, thumbnail: null,
};
const message = (seq: number): Message => ({
  id: `msg_${seq}`, name: 'a', badge: null, text: 'hi', lang: 'en', kind: 'chat', at: 1, seq, state: 'shown',
});
const snapshot = (more: Partial<Snapshot> = {}): Snapshot => ({
  show, chat: { mode: 'open', slow_s: 0, messages: [message(1)], pinned: null }, viewers: { now: 9, peak: 9 }, likes: 50,
  me: { name: null, role: null, sanction: null }, server_now: Date.now(), ...more,
});
const nobody: Session = { kind: 'anonymous', viewer: null, staff: [], csrf: 'c' };
const guest: Session = { kind: 'guest', viewer: { id: 'usr_1', name: 'Fish', lang: 'en' }, staff: [], csrf: 'c' };

const account: Session = { kind: 'account', viewer: { id: 'usr_2', name: 'Mei', lang: 'en' }, staff: [], csrf: 'd' };
const settle = (): Promise<void> => new Promise((done) => { setTimeout(done); });
const said = (): unknown[] => posted.filter((x) => x.path.endsWith('/messages')).map((x) => (x.body as { text: string }).text);

let answers: Record<string, () => Response>;
const posted: { path: string; body: unknown }[] = [];
const json = (status: number, body: unknown) => () => new Response(JSON.stringify(body), { status });
const give = (type: RoomEvent['type'], data: unknown, seq = 10): void => feed.give({ seq, type, at: 1, data });
const room = (known: Show | null = show): RoomCtrl => {
  const ctrl = new RoomCtrl('shw_1', known);
  ctrl.open();
  return ctrl;
};

beforeEach(() => {
  sessionStorage.clear();
  posted.length = 0;
  feed.restarts = 0;
  session.value = guest;
  answers = {};
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const path = url.replace('/api/v1', '');
    if (init.method === 'POST') posted.push({ path, body: JSON.parse(String(init.body ?? 'null')) });
    return Promise.resolve(answers[`${init.method} ${path}`]?.() ?? new Response(null, { status: 204 }));
  });
});
afterEach(() => vi.unstubAllGlobals());

describe('events', () => {
  it('takes everything from a snapshot', () => {
    const ctrl = room(null);
    expect(ctrl.stage.value).toBe('wait');
    give('room.snapshot', snapshot({ me: { name: null, role: null, sanction: { kind: 'mute', until: null } } }));
    expect(ctrl.stage.value).toBe('live');
    expect([ctrl.viewers.value.now, ctrl.likes.total.value, ctrl.log.lines.value.length]).toEqual([9, 50, 1]);
    expect(ctrl.mute.value.why).toBe('sanction');
    ctrl.close();
  });

  it('walks through the states of a show without a reload', () => {
    const ctrl = room({ ...show, state: 'scheduled', playback: null });
    const stages: string[] = [ctrl.stage.value];
    const step = (state: Show['state'], playback: Show['playback'] = null): void => {
      give('show.state', { state, starts_at: null, live_started_at: 1, ended_at: null, playback });
      stages.push(ctrl.stage.value);
    };
    step('live', show.playback);
    step('interrupted', show.playback);
    expect(ctrl.brokeAt.value).not.toBeNull();
    step('live', show.playback);
    expect(ctrl.brokeAt.value).toBeNull();
    step('ended');
    step('replay_ready', { kind: 'replay', hls: '/r.m3u8', offset_ms: 0 });
    expect(stages).toEqual(['countdown', 'live', 'break', 'live', 'ended', 'replay']);
    ctrl.close();
  });

  it('looks again for a room that is not there yet, and begins the visit when it is', async () => {
    vi.useFakeTimers();
    let there = false;
    answers['GET /shows/shw_1'] = () => (there ? json(200, show)() : json(404, { code: 'not_found' })());
    const ctrl = room(null);
    ctrl.link.value = 'gone';
    await vi.advanceTimersByTimeAsync(7000);
    expect([ctrl.stage.value, feed.restarts]).toEqual(['gone', 0]);
    there = true;
    await vi.advanceTimersByTimeAsync(4000);
    expect([ctrl.stage.value, feed.restarts]).toEqual(['live', 1]);
    ctrl.close();
    vi.useRealTimers();
  });

  it('lets a late picture see the goodbye before it ends', () => {
    vi.useFakeTimers();
    const ctrl = room();
    ctrl.player.delayMs.value = 3000;
    give('show.state', { state: 'ended', starts_at: null, live_started_at: 1, ended_at: 2, playback: null });
    expect(ctrl.stage.value).toBe('live');
    vi.advanceTimersByTime(3000);
    expect(ctrl.stage.value).toBe('ended');
    ctrl.close();
    vi.useRealTimers();
  });
});

describe('talking', () => {
  it('asks who was only given a name, once', async () => {
    session.value = { ...guest, viewer: { id: 'usr_1', name: '訪客', lang: 'en' } };
    answers['POST /shows/shw_1/messages'] = json(201, message(2));
    const ctrl = room();
    ctrl.write('還有嗎');
    await ctrl.send();
    expect(ctrl.panel.value).toBe('name');
    ctrl.panel.value = null;
    await ctrl.send();
    expect([ctrl.panel.value, ctrl.draft.value]).toEqual([null, '']);
    ctrl.close();
  });

  it('asks a nameless viewer for a name, keeps the draft and then sends it', async () => {
    session.value = nobody;
    answers['POST /sessions/guest'] = json(201, guest);
    answers['POST /shows/shw_1/messages'] = json(201, message(2));
    const ctrl = room();
    ctrl.write('  還有嗎 ');
    await ctrl.send();
    expect(ctrl.panel.value).toBe('name');
    expect(posted.filter((p) => p.path.endsWith('messages'))).toEqual([]);
    await ctrl.takeName('Fish');
    expect(posted.find((p) => p.path.endsWith('messages'))?.body).toMatchObject({ text: '還有嗎' });
    expect([ctrl.panel.value, ctrl.draft.value, feed.restarts]).toEqual([null, '', 1]);
    ctrl.close();
  });

  it('sends what was typed before signing in at another page, once, and says so', async () => {
    sessionStorage.setItem('nm-draft-shw_1', '有 L 嗎');
    keepBack('shw_1', '有 L 嗎');
    session.value = account;
    answers['POST /shows/shw_1/messages'] = json(201, { ...message(7), text: '有 L 嗎' });
    const ctrl = room();
    await settle();
    expect(said()).toEqual([]); // the room has not told yet who is muted
    give('room.snapshot', snapshot());
    await settle();
    expect(said()).toEqual(['有 L 嗎']);
    expect(ctrl.draft.value).toBe('');
    ctrl.close();
    const again = room();
    give('room.snapshot', snapshot());
    await settle();
    expect(said()).toEqual(['有 L 嗎']);
    again.close();
  });

  it('sends nothing by itself for who came back without an account, or has changed the text', async () => {
    sessionStorage.setItem('nm-draft-shw_1', 'hello');
    keepBack('shw_1', 'hello');
    session.value = nobody;
    const ctrl = room();
    give('room.snapshot', snapshot());
    await settle();
    ctrl.write('hello there');
    session.value = account; // signed in on the page beside which the room went on
    await settle();
    expect(said()).toEqual([]);
    expect(ctrl.draft.value).toBe('hello there');
    ctrl.close();
  });

  it('does what waited for signing in when it is done without leaving the room', async () => {
    session.value = nobody;
    const ctrl = room();
    give('room.snapshot', snapshot());
    ctrl.write('hi');
    await ctrl.send();
    expect(ctrl.panel.value).toBe('name');
    keepBack('shw_1', 'hi');
    answers['POST /shows/shw_1/messages'] = json(201, { ...message(8), text: 'hi' });
    session.value = account;
    await settle();
    expect([ctrl.panel.value, said()]).toEqual([null, ['hi']]);
    ctrl.close();
  });

  it('keeps the name sheet open when the name is refused', async () => {
    session.value = nobody;
    answers['POST /sessions/guest'] = json(400, { code: 'input' });
    const ctrl = room();
    ctrl.panel.value = 'name';
    await ctrl.takeName('admin');
    expect([ctrl.panel.value, ctrl.nameFailed.value]).toEqual(['name', 'input']);
    ctrl.close();
  });

  it('keeps the text when sending fails, over a reload too', async () => {
    answers['POST /shows/shw_1/messages'] = json(503, { code: 'busy' });
    const ctrl = room();
    ctrl.write('hello');
    await ctrl.send();
    expect([ctrl.draft.value, ctrl.sendFailed.value]).toEqual(['hello', 'busy']);
    ctrl.close();
    expect(new RoomCtrl('shw_1', show).draft.value).toBe('hello');
  });

  it('waits as long as it is told to', async () => {
    answers['POST /shows/shw_1/messages'] = json(429, { code: 'slow_down', retry_ms: 4000 });
    const ctrl = room();
    ctrl.write('hello');
    await ctrl.send();
    expect(ctrl.waitUntil.value - serverNow()).toBeGreaterThan(3000);
    posted.length = 0;
    await ctrl.send();
    expect(posted).toEqual([]);
    ctrl.close();
  });

  it('lets one write again whose mute is lifted', () => {
    const ctrl = room();
    give('me.sanction', { kind: 'ban', until: null });
    expect(ctrl.mute.value.why).toBe('sanction');
    give('me.sanction', { kind: null, until: null });
    expect(ctrl.mute.value.why).not.toBe('sanction');
    ctrl.close();
  });

  it('shows the end of a mute when a message is refused', async () => {
    const until = serverNow() + 60_000;
    answers['POST /shows/shw_1/messages'] = json(403, { code: 'muted', until });
    const ctrl = room();
    ctrl.write('hello');
    await ctrl.send();
    expect(ctrl.mute.value).toEqual({ why: 'sanction', until });
    ctrl.close();
  });

  it('counts the slow mode for viewers, not for staff', async () => {
    answers['POST /shows/shw_1/messages'] = json(201, message(2));
    for (const [role, waits] of [[null, true], ['host', false]] as const) {
      const ctrl = room();
      give('room.snapshot', snapshot({ chat: { mode: 'slow', slow_s: 10, messages: [], pinned: null }, me: { name: 'x', role, sanction: null } }));
      ctrl.write('hello');
      await ctrl.send();
      expect(ctrl.waitUntil.value > serverNow()).toBe(waits);
      ctrl.close();
    }
  });
});
