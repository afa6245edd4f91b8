import { beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../api/types.ts';
import { ChatLog, mostLines } from './log.ts';

const line = (seq: number, text = `t${seq}`): Message => ({
  id: `msg_${seq}`, name: 'a', badge: null, text, lang: 'th', kind: 'chat', at: seq, seq, state: 'shown',
});

let due: (() => void)[];
let log: ChatLog;
const frame = (): void => {
  for (const f of due.splice(0)) f();
};
const seqs = (): number[] => log.lines.value.map((m) => m.seq);

beforeEach(() => {
  due = [];
  log = new ChatLog((f) => due.push(f));
});

describe('chat log', () => {
  it('draws once a frame however many lines come', () => {
    let draws = 0;
    log.lines.subscribe(() => {
      draws += 1;
    });
    for (let i = 1; i <= 50; i += 1) log.add(line(i));
    frame();
    expect(draws).toBe(2);
    expect(seqs()).toHaveLength(50);
  });

  it('keeps the newest lines only', () => {
    for (let i = 1; i <= mostLines + 30; i += 1) log.add(line(i));
    frame();
    expect(log.lines.value).toHaveLength(mostLines);
    expect(seqs()[0]).toBe(31);
  });

  it('stays small when lines flood in between two frames', () => {
    for (let i = 1; i <= 5000; i += 1) log.add(line(i));
    frame();
    expect(seqs().at(-1)).toBe(5000);
    expect(log.lines.value).toHaveLength(mostLines);
  });

  it('shows a message once, and remembers that it is mine', () => {
    log.add({ ...line(3), mine: true });
    log.add(line(3));
    frame();
    expect(log.lines.value).toEqual([{ ...line(3), mine: true }]);
  });

  it('puts late lines where they belong', () => {
    log.add(line(1), line(4), line(2), line(3));
    frame();
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  it('removes lines, even ones that came in the same frame', () => {
    log.add(line(1), line(2));
    log.remove(['msg_2']);
    frame();
    expect(seqs()).toEqual([1]);
  });

  it('forgets what was before a snapshot', () => {
    log.add(line(1));
    log.reset([line(9)]);
    frame();
    expect(seqs()).toEqual([9]);
  });
});
