import { describe, expect, it } from 'vitest';
import { SseParser } from './sse.ts';

describe('event stream parser', () => {
  it('reads ids and data, and skips comments', () => {
    const p = new SseParser();
    expect(p.push(': hi\n\nid: 7\ndata: {"a":1}\n\n')).toEqual([{ id: '7', data: '{"a":1}' }]);
  });

  it('gives the same events wherever the bytes are cut', () => {
    const text = 'id: 1\r\ndata: one\r\n\r\ndata: two\ndata: lines\n\n:\n\nid: 3\ndata:three\n\n';
    const whole = new SseParser().push(text);
    expect(whole.map((e) => e.data)).toEqual(['one', 'two\nlines', 'three']);
    for (let cut = 1; cut < text.length; cut += 1) {
      const p = new SseParser();
      expect([...p.push(text.slice(0, cut)), ...p.push(text.slice(cut))]).toEqual(whole);
    }
  });

  it('does not carry an id over to the next event', () => {
    const p = new SseParser();
    expect(p.push('id: 1\ndata: a\n\ndata: b\n\n').map((e) => e.id)).toEqual(['1', null]);
  });

  it('ignores ids that are no numbers and events without data', () => {
    expect(new SseParser().push('id: x\ndata: a\n\nid: 5\n\n')).toEqual([{ id: null, data: 'a' }]);
  });

  it('refuses a line without end', () => {
    const p = new SseParser();
    expect(() => p.push('x'.repeat(2 ** 20 + 1))).toThrow('too long');
  });
});
