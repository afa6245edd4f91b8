import { describe, expect, it } from 'vitest';
import { combinations, faultsOf, fieldsOf, optionText, parseOption, regrid, type Row } from './grid.ts';

const row = (over: Partial<Row>): Row => ({ id: null, options: [], sku: '', twd: '590', thb: '', stock: '3', active: true, ...over });

describe('options', () => {
  it('are typed as a list, with other words behind a value', () => {
    const o = parseOption({ name: ' 顏色 ', values: '黑/black/ดำ、白， 白,' });
    expect(o).toEqual({ name: '顏色', values: [['黑', 'black', 'ดำ'], ['白']] });
    expect(parseOption(optionText(o))).toEqual(o);
  });

  it('make every combination once', () => {
    expect(combinations([{ name: 'c', values: [['黑'], ['白']] }, { name: 's', values: [['M'], ['L']] }])).toEqual([['黑', 'M'], ['黑', 'L'], ['白', 'M'], ['白', 'L']]);
    expect(combinations([])).toEqual([[]]);
  });
});

describe('the grid', () => {
  it('keeps what was typed when an option grows', () => {
    const before = [row({ id: 'var_1', options: ['黑'], stock: '7' })];
    const after = regrid(before, [{ name: 'c', values: [['黑'], ['白']] }]);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toMatchObject({ id: null, options: ['白'], twd: '590', stock: '0' });
  });

  it('says what is wrong, and sends stock for new rows only', () => {
    expect(faultsOf(row({ twd: '5.5' }))).toEqual({ twd: 'amount' });
    expect(faultsOf(row({ twd: '' }))).toEqual({ twd: 'noPrice' });
    expect(faultsOf(row({ stock: '-1' }))).toEqual({ stock: 'number' });
    expect(faultsOf(row({ id: 'var_1', stock: '' }))).toEqual({});
    expect(fieldsOf([row({ thb: '650' }), row({ id: 'var_1', sku: ' S ' })])).toEqual([
      { options: [], sku: null, active: true, stock: 3, prices: { TW: { amount: 590 }, TH: { amount: 65000 } } },
      { id: 'var_1', options: [], sku: 'S', active: true, prices: { TW: { amount: 590 }, TH: null } },
    ]);
  });
});
