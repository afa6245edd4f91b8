import type { Localized, Market } from '../../api/types.ts';
import type { Left } from '../../api/sale.ts';

export type Status = 'draft' | 'active' | 'archived';
export const exemptions = ['none', 'fresh', 'custom', 'hygiene', 'digital', 'media', 'periodical', 'other'] as const;
export type Exempt = (typeof exemptions)[number];

export interface Price {
  amount: number;
  currency: string;
  compare_at?: number | null;
}

export interface Option {
  name: string;
  /** Of each value its name first, then what else buyers type for it. */
  values: string[][];
}

export interface Variant {
  id: string;
  sku: string | null;
  options: string[];
  active: boolean;
  track_stock: boolean;
  stock_total: number;
  stock_held: number;
  left: Left;
  prices: Partial<Record<Market, Price>>;
}

export interface Media {
  id: string | null;
  builtin: string | null;
  url: string;
  sizes: Record<'160' | '480' | '1080', string>;
}

export interface Product {
  id: string;
  title: Localized;
  body: Localized;
  status: Status;
  exempt: Exempt;
  category: string | null;
  options: Option[];
  media: Media[];
  image: string | null;
  variants: Variant[];
  left: Left;
  used: boolean;
  version: number;
}

export interface ProductPage {
  items: Product[];
  next: string | null;
  counts: Record<Status, number>;
}

export interface StockMove {
  id: string;
  d_total: number;
  d_held: number;
  reason: 'import' | 'adjust' | 'hold' | 'release' | 'expire' | 'sell' | 'restock' | 'return';
  ref: string | null;
  by: string | null;
  at: number;
}

export interface Category {
  id: string;
  name: Localized;
  position: number;
  products: number;
}

export interface ImportError {
  row: number;
  column: string;
  message: string;
  code: string;
}

export interface Import {
  id: string | null;
  state: 'checked' | 'running' | 'done' | 'failed';
  rows: number;
  done: number;
  created: number;
  updated: number;
  same: number;
  errors: ImportError[];
  error_count: number;
}

export interface VariantFields {
  id?: string;
  options: string[];
  sku?: string | null;
  active?: boolean;
  prices?: Partial<Record<Market, { amount: number; compare_at?: number | null } | null>>;
  stock?: number;
}

export interface ProductFields {
  title?: Localized;
  body?: Localized;
  status?: Status;
  exempt?: Exempt;
  category?: string | null;
  options?: Option[];
  media?: string[];
  variants?: VariantFields[];
}
