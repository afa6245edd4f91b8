import { describe, expect, it } from 'vitest';
import { code39, quiet } from './code39.ts';

/** Reads bars back as a scanner does: widths of bars and spaces, nine to a sign. */
function widths(text: string): string {
  const { bars, width } = code39(text) ?? { bars: [], width: 0 };
  let out = '';
  for (const [i, b] of bars.entries()) {
    const next = bars[i + 1]?.x ?? width - quiet;
    out += b.w > 1 ? 'w' : 'n';
    if (i % 5 < 4) out += next - (b.x + b.w) > 1 ? 'w' : 'n';
  }
  return out;
}

describe('Code 39', () => {
  it('begins and ends with the star', () => {
    expect(widths('')).toBe('nwnnwnwnn'.repeat(2));
  });

  it('writes signs as the standard has them', () => {
    expect(widths('A1')).toBe(['nwnnwnwnn', 'wnnnnwnnw', 'wnnwnnnnw', 'nwnnwnwnn'].join(''));
  });

  it('has three wide of nine in every sign, and no two signs alike', () => {
    const all = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%';
    const seen = [...all].map((c) => widths(c).slice(9, 18));
    expect(new Set(seen).size).toBe(all.length);
    expect(seen.filter((s) => s.replaceAll('n', '') !== 'www')).toEqual([]);
  });

  it('keeps white on both sides', () => {
    const { bars, width } = code39('031122ABC') ?? { bars: [], width: 0 };
    const last = bars.at(-1) ?? { x: 0, w: 0 };
    expect([bars[0]?.x, width - last.x - last.w]).toEqual([quiet, quiet]);
  });

  it.each(['a1', '中', '1*2'])('has no bars for "%s"', (s) => {
    expect(code39(s)).toBeNull();
  });
});
