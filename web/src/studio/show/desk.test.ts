import { describe, expect, it } from 'vitest';
import type { Message } from '../../api/types.ts';
import { Desk, mostHeld, mostLines } from './desk.ts';

const msg = (seq: number, over: Partial<Message> = {}): Message => ({
  id: `msg_${seq}`, name: 'A', badge: null, text: `t${seq}`, lang: 'en', kind: 'chat', at: seq, seq, state: 'shown', ...over,
});
const now = (f: () => void): void => f();
const ids = (all: Message[]): string => all.map((m) => m.id).join(' ');

describe('the desk', () => {
  it('keeps lines in order and held ones apart', () => {
    const d = new Desk(now);
    d.reset([msg(3), msg(1), msg(2, { state: 'held' })]);
    expect(ids(d.lines.value)).toBe('msg_1 msg_3');
    expect(ids(d.held.value)).toBe('msg_2');
  });

  it('keeps what was hidden, marked, and can put it back', () => {
    const d = new Desk(now);
    d.put(msg(1));
    expect(d.setState('msg_1', 'hidden')).toBe('shown');
    expect(d.lines.value[0]?.state).toBe('hidden');
    d.setState('msg_1', 'shown');
    expect(d.lines.value[0]?.state).toBe('shown');
    expect(d.setState('msg_9', 'hidden')).toBeNull();
  });

  it('moves a held message into the room where it enters it', () => {
    const d = new Desk(now);
    d.put(msg(1, { state: 'held' }), msg(2));
    d.put(msg(5, { id: 'msg_1' }));
    expect(d.held.value).toEqual([]);
    expect(ids(d.lines.value)).toBe('msg_2 msg_1');
  });

  it('drops a held message from the queue when another refuses it', () => {
    const d = new Desk(now);
    d.put(msg(1, { state: 'held' }));
    d.hide(['msg_1']);
    expect(d.held.value).toEqual([]);
  });

  it('is bounded, and forgets the oldest', () => {
    const d = new Desk(now);
    for (let i = 1; i <= mostLines + 50; i += 1) d.put(msg(i));
    for (let i = 1; i <= mostHeld + 9; i += 1) d.put(msg(1000 + i, { state: 'held' }));
    expect(d.lines.value).toHaveLength(mostLines);
    expect(d.held.value).toHaveLength(mostHeld);
    expect(d.get('msg_1')).toBeUndefined();
  });

  it('draws once for many that come together', () => {
    const waiting: (() => void)[] = [];
    const d = new Desk((f) => waiting.push(f));
    d.put(msg(1));
    d.put(msg(2));
    d.hide(['msg_1']);
    expect(waiting).toHaveLength(1);
    waiting[0]?.();
    expect(d.lines.value.map((m) => m.state)).toEqual(['hidden', 'shown']);
  });
});
