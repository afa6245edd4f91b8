import { describe, expect, it } from 'vitest';
import { firstOf } from './abort.ts';

describe('first of several signals', () => {
  it('follows the one that aborts, with its reason', () => {
    const a = new AbortController();
    const b = new AbortController();
    const both = firstOf(a.signal, b.signal);
    expect(both.aborted).toBe(false);
    b.abort('late');
    a.abort('later');
    expect([both.aborted, both.reason]).toEqual([true, 'late']);
  });

  it('is aborted from the start when one of them is', () => {
    expect(firstOf(new AbortController().signal, AbortSignal.abort('gone')).reason).toBe('gone');
  });
});
