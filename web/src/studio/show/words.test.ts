import { describe, expect, it } from 'vitest';
import { tooLong, wordsOf } from './words.ts';

describe('blocked words', () => {
  it('may be pasted any way', () => {
    expect(wordsOf('詐騙、假貨\n line: ,LINE:；\n\nscam')).toEqual(['詐騙', '假貨', 'LINE:', 'scam']);
    expect(wordsOf('  \n')).toEqual([]);
  });

  it('are short', () => {
    expect(tooLong(['a', 'x'.repeat(40)])).toBeNull();
    expect(tooLong(['😀'.repeat(41)])).toBe('😀'.repeat(41));
  });
});
