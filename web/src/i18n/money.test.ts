import { describe, expect, it } from 'vitest';
import { amountField, amountText, moneyText, parseAmount } from './money.ts';

describe('money', () => {
  it('is written as its market writes it', () => {
    expect(moneyText({ amount: 1180, currency: 'TWD' })).toBe('NT$1,180');
    expect(moneyText({ amount: 65000, currency: 'THB' })).toBe('฿650.00');
    expect(moneyText({ amount: -100, currency: 'TWD' })).toBe('−NT$100');
    expect(amountText({ amount: 5, currency: 'THB' })).toBe('0.05');
    expect(amountField({ amount: 123456700, currency: 'THB' })).toBe('1234567.00');
  });

  it('is read as people type it', () => {
    expect(parseAmount('590', 'TWD')).toBe(590);
    expect(parseAmount('ＮＴ＄１，１８０', 'TWD')).toBe(1180);
    expect(parseAmount('650', 'THB')).toBe(65000);
    expect(parseAmount('650.5', 'THB')).toBe(65050);
    expect(parseAmount('฿650.00', 'THB')).toBe(65000);
    expect(parseAmount('590.00', 'TWD')).toBe(590);
  });

  it('refuses what is none', () => {
    for (const s of ['', 'abc', '-5', '1,18', '12.345.6', '590.5', '1e3', '99999999999999']) expect(parseAmount(s, 'TWD')).toBeNull();
    expect(parseAmount('1.005', 'THB')).toBeNull();
  });
});
