import { amountField, parseAmount } from '../../i18n/money.ts';
import type { Option, Product, ProductFields, VariantFields } from './types.ts';

export const mostVariants = 100;
export const mostOptions = 3;

/** One line of the grid as it is typed. */
export interface Row {
  id: string | null;
  options: string[];
  sku: string;
  twd: string;
  thb: string;
  stock: string;
  active: boolean;
}

/** An option as it is typed: values apart by commas, other words for a value behind it apart by "/" . */
export interface OptionDraft {
  name: string;
  values: string;
}

const tidy = (s: string): string => s.normalize('NFC').trim();
const apart = /[,，、\n]/;

export function parseOption(d: OptionDraft): Option {
  const values: string[][] = [];
  for (const part of d.values.split(apart)) {
    const words = part.split(/[/／|｜]/).map(tidy).filter(Boolean);
    if (words.length > 0 && !values.some((v) => v[0] === words[0])) values.push([...new Set(words)]);
  }
  return { name: tidy(d.name), values };
}

export const optionText = (o: Option): OptionDraft => ({ name: o.name, values: o.values.map((v) => v.join('/')).join(', ') });

/** Every combination of the options' names, in their order; one empty combination when there are none. */
export function combinations(options: Option[]): string[][] {
  let all: string[][] = [[]];
  for (const o of options) {
    const names = o.values.map((v) => v[0] ?? '');
    if (names.length > 0) all = all.flatMap((row) => names.map((n) => row.concat(n)));
  }
  return all;
}

const sameOptions = (a: string[], b: string[]): boolean => a.length === b.length && a.every((x, i) => x === b[i]);

const blank = (options: string[], from: Row | undefined): Row => ({
  id: null, options, sku: '', twd: from?.twd ?? '', thb: from?.thb ?? '', stock: '0', active: true,
});

/** The grid for these options; what was typed for a combination stays, new ones take the first row's prices. */
export function regrid(rows: Row[], options: Option[]): Row[] {
  return combinations(options).slice(0, mostVariants).map((c) => rows.find((r) => sameOptions(r.options, c)) ?? blank(c, rows[0]));
}

export function rowsOf(p: Product): Row[] {
  return p.variants.map((v) => ({
    id: v.id, options: v.options, sku: v.sku ?? '', active: v.active, stock: String(v.stock_total),
    twd: v.prices.TW ? amountField(v.prices.TW) : '', thb: v.prices.TH ? amountField(v.prices.TH) : '',
  }));
}

export type Fault = 'amount' | 'number' | 'noPrice';

/** What is wrong with a row, by field. */
export function faultsOf(r: Row): Partial<Record<'twd' | 'thb' | 'stock', Fault>> {
  const out: Partial<Record<'twd' | 'thb' | 'stock', Fault>> = {};
  if (r.twd.trim() && parseAmount(r.twd, 'TWD') === null) out.twd = 'amount';
  if (r.thb.trim() && parseAmount(r.thb, 'THB') === null) out.thb = 'amount';
  if (r.id === null && !/^\d{1,7}$/.test(r.stock.normalize('NFKC').trim())) out.stock = 'number';
  if (r.active && !r.twd.trim() && !r.thb.trim()) out.twd = 'noPrice';
  return out;
}

function price(typed: string, currency: string): { amount: number } | null {
  const amount = parseAmount(typed, currency);
  return amount === null ? null : { amount };
}

export function fieldsOf(rows: Row[]): VariantFields[] {
  return rows.map((r) => ({
    ...(r.id ? { id: r.id } : { stock: Number(r.stock.normalize('NFKC').trim()) }),
    options: r.options, sku: tidy(r.sku) || null, active: r.active,
    prices: { TW: price(r.twd, 'TWD'), TH: price(r.thb, 'THB') },
  }));
}

export type { ProductFields };
