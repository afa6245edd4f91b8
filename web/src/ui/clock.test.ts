import { describe, expect, it } from 'vitest';
import { clockText } from './clock.ts';

describe('clock', () => {
  it.each([[0, '0:00'], [999, '0:00'], [59_000, '0:59'], [61_000, '1:01'], [3_600_000, '1:00:00'], [4_360_000, '1:12:40'], [-5, '0:00']])(
    '%i ms reads %s', (ms, text) => expect(clockText(ms)).toBe(text));
});
