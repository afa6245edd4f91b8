import { describe, expect, it } from 'vitest';
import { Recovery } from './recover.ts';

describe('recovery', () => {
  it('mends media errors in place twice, then loads anew', () => {
    let now = 0;
    const r = new Recovery(() => now, () => 1);
    expect(r.media().act).toBe('recover');
    expect(r.media().act).toBe('swap');
    expect(r.media().act).toBe('reload');
    now = 11_000;
    expect(r.media().act).toBe('recover');
  });

  it('waits longer each time and is patient for ever', () => {
    const r = new Recovery(() => 0, () => 1);
    const waits = Array.from({ length: 8 }, () => r.source()).map((c) => (c.act === 'reload' ? c.waitMs : 0));
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(waits.at(-1)).toBe(8000);
  });

  it('starts over once pictures move', () => {
    const r = new Recovery(() => 0, () => 1);
    r.source();
    r.source();
    r.playing();
    expect(r.source()).toEqual({ act: 'reload', waitMs: 500 });
  });
});
