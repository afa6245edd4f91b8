import { describe, expect, it } from 'vitest';
import { pieces, spanOf } from './spark.tsx';

describe('a small chart', () => {
  it('draws the newest reading at the right', () => {
    expect(pieces([0, 10], 10, 5)).toEqual([{ line: 'M3 40.0L4 2.0', area: 'M3 40L3 40.0L4 2.0L4 40Z' }]);
  });

  it('leaves a gap where nothing was known', () => {
    expect(pieces([1, null, 1, 1], 1, 4).map((p) => p.line)).toEqual(['M0 2.0', 'M2 2.0L3 2.0']);
  });

  it('grows in steps with what there is to draw', () => {
    expect([0, 30, 31, 119, 500].map((n) => spanOf(n, [30, 60, 120]))).toEqual([30, 30, 60, 120, 120]);
  });

  it('keeps values inside', () => {
    expect(pieces([99, -5], 10, 2)[0]?.line).toBe('M0 2.0L1 40.0');
  });
});
