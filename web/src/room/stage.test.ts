import { describe, expect, it } from 'vitest';
import type { Session, Show, ShowState } from '../api/types.ts';
import { muteOf, stageOf } from './stage.ts';

const show = (state: ShowState, playback: Show['playback'] = null): Show => ({
  id: 'shw_1', title: {}, state, starts_at: null, live_started_at: null, ended_at: null, host_name: '', cover: null,
  shop: { id: 'shp_1', slug: 's', name: 's' }, viewers: { now: 0, peak: 0 }, likes: 0, chat: { mode: 'open', slow_s: 0 },
  playback, duration_ms: null, thumbnail: null,
});
const replay: Show['playback'] = { kind: 'replay', hls: '/x', offset_ms: 0 };
const guest: Session = { kind: 'guest', viewer: { id: 'v', name: 'a', lang: 'th' }, staff: [], csrf: '' };
const open = { mode: 'open', slow_s: 0 } as const;

describe('stage', () => {
  it.each([
    ['scheduled', 'countdown'], ['backstage', 'countdown'], ['draft', 'countdown'], ['live', 'live'], ['interrupted', 'break'],
    ['ended', 'ended'], ['cancelled', 'cancelled'], ['archived', 'ended'],
  ] as const)('%s looks like %s', (state, stage) => expect(stageOf(show(state))).toBe(stage));

  it('needs a recording for a replay', () => {
    expect(stageOf(show('replay_ready'))).toBe('ended');
    expect(stageOf(show('replay_ready', replay))).toBe('replay');
  });
});

describe('who may write', () => {
  it('is everyone in an open chat before, during and in a break', () => {
    for (const s of ['countdown', 'live', 'break'] as const) expect(muteOf(s, open, null, guest, 0).why).toBe('none');
    for (const s of ['ended', 'replay', 'gone'] as const) expect(muteOf(s, open, null, guest, 0).why).toBe('closed');
  });

  it('follows the mode of the chat', () => {
    expect(muteOf('live', { mode: 'off', slow_s: 0 }, null, guest, 0).why).toBe('off');
    expect(muteOf('live', { mode: 'members', slow_s: 0 }, null, guest, 0).why).toBe('members');
    expect(muteOf('live', { mode: 'members', slow_s: 0 }, null, { ...guest, kind: 'account' }, 0).why).toBe('none');
  });

  it('ends with the sanction', () => {
    const mute = { kind: 'mute', until: 100 } as const;
    expect(muteOf('live', open, mute, guest, 99)).toEqual({ why: 'sanction', until: 100 });
    expect(muteOf('live', open, mute, guest, 100).why).toBe('none');
    expect(muteOf('live', open, { kind: 'ban', until: null }, guest, 1e15).why).toBe('sanction');
  });
});
