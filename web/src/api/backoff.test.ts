import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

describe('backoff', () => {
  it('doubles up to the most', () => {
    const top = (n: number): number => backoffMs(n, 100, 1000, () => 1);
    expect([0, 1, 2, 3, 4, 5].map(top)).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('spreads over the upper half', () => {
    expect(backoffMs(2, 100, 1000, () => 0)).toBe(200);
    expect(backoffMs(2, 100, 1000, () => 0.5)).toBe(300);
  });

  it('stays finite for ever', () => {
    expect(backoffMs(10_000, 100, 1000, () => 1)).toBe(1000);
  });
});
