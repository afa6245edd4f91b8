import { describe, expect, it } from 'vitest';
import { leftOfAll, moneyText } from './money.ts';

describe('money', () => {
  it.each([
    [590, 'TWD', 'NT$590'], [100_000, 'TWD', 'NT$100,000'], [1, 'TWD', 'NT$1'],
    [65_000, 'THB', '฿650.00'], [99, 'THB', '฿0.99'], [10_000_000, 'THB', '฿100,000.00'], [-100, 'TWD', '−NT$100'],
  ])('%i %s is %s', (amount, currency, text) => {
    expect(moneyText({ amount, currency })).toBe(text);
  });
});

describe('what is left of several', () => {
  it.each([
    [[3, 4], 7], [[6, 6], '10+'], [[0, 0], 0], [[0, '10+'], '10+'], [['10+', '50+', 3], '50+'], [[2, null], null], [[], 0],
  ] as const)('%j is %j', (all, sum) => {
    expect(leftOfAll(all)).toBe(sum);
  });
});
