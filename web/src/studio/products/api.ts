import { call, Problem, session } from '../../api/http.ts';
import type { Market } from '../../api/types.ts';
import type { Category, Import, Product, ProductFields, ProductPage, Status, StockMove } from './types.ts';

export interface ProductAsk {
  q: string;
  status: Status | '';
  category: string;
  shop: string;
  cursor?: string;
}

export function listProducts(ask: ProductAsk, signal?: AbortSignal): Promise<ProductPage> {
  const q = new URLSearchParams({ limit: '50' });
  for (const k of ['q', 'status', 'category', 'shop', 'cursor'] as const) if (ask[k]) q.set(k, ask[k]);
  return call<ProductPage>('GET', `/products?${q}`, signal ? { signal } : {});
}

const inShop = (shop: string): string => (shop ? `?shop=${encodeURIComponent(shop)}` : '');

export interface QuickFields {
  title: string;
  media: string[];
  price: Partial<Record<Market, number>>;
  quantity: number;
}
export const quickAdd = (shop: string, body: QuickFields): Promise<Product> => call<Product>('POST', `/products${inShop(shop)}`, { body });
export const createProduct = (shop: string, body: ProductFields): Promise<Product> => call<Product>('POST', `/products${inShop(shop)}`, { body });
export const getProduct = (id: string): Promise<Product> => call<Product>('GET', `/products/${id}`);
export const patchProduct = (id: string, version: number, body: ProductFields): Promise<Product> =>
  call<Product>('PATCH', `/products/${id}`, { body, version });
export const deleteProduct = (id: string, version: number): Promise<void> => call<void>('DELETE', `/products/${id}`, { version });
export const changeStock = (variant: string, delta: number, reason: 'adjust' | 'restock' | 'return'): Promise<Product> =>
  call<Product>('POST', `/variants/${variant}/stock`, { body: { delta, reason } });
export const putPrices = (variant: string, prices: Partial<Record<Market, number>>): Promise<Product> =>
  call<Product>('PUT', `/variants/${variant}/prices`, { body: { prices } });
export const listMoves = (variant: string, cursor?: string): Promise<{ items: StockMove[]; next: string | null }> =>
  call('GET', `/variants/${variant}/stock-moves${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`);

export const listCategories = (shop: string): Promise<{ items: Category[] }> => call('GET', `/categories${inShop(shop)}`);
export const createCategory = (shop: string, name: Category['name']): Promise<Category> => call('POST', `/categories${inShop(shop)}`, { body: { name } });
export const patchCategory = (id: string, body: Partial<Pick<Category, 'name' | 'position'>>): Promise<Category> => call('PATCH', `/categories/${id}`, { body });
export const deleteCategory = (id: string): Promise<void> => call('DELETE', `/categories/${id}`);

/** CSV goes up as it is: bytes, not JSON. */
export async function importCsv(shop: string, file: Blob, dry: boolean): Promise<Import> {
  const q = new URLSearchParams(dry ? { dry_run: '1' } : {});
  if (shop) q.set('shop', shop);
  let res: Response;
  try {
    res = await fetch(`/api/v1/products/import?${q}`, {
      method: 'POST', body: file, credentials: 'same-origin', cache: 'no-store',
      headers: { Accept: 'application/json', 'Content-Type': 'text/csv', 'X-CSRF-Token': session.value?.csrf ?? '' },
    });
  } catch {
    throw new Problem(0, { code: 'offline' });
  }
  const body: unknown = await res.json().catch(() => ({}));
  if (!res.ok) throw new Problem(res.status, body as object);
  return body as Import;
}
export const getImport = (id: string): Promise<Import> => call('GET', `/imports/${id}`);
export const templateUrl = '/api/v1/products/import-template.csv';
