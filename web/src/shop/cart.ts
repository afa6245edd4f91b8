import { signal } from '@preact/signals';
import { getCart, type Cart } from '../api/buy.ts';
import { asProblem, type ProblemCode } from '../api/http.ts';
import type { Market } from '../api/types.ts';

/** The cart last read, of one shop and market. Room and pages look at the same one. */
export const cart = signal<Cart | null>(null);
export const cartFailed = signal<ProblemCode | null>(null);

let turn = 0;

function hold(got: Cart): void {
  cart.value = got;
  cartFailed.value = null;
  void import('../offline/keep.ts').then((k) => k.keepCart(got), () => undefined);
}

/** Reads the cart of a shop; an answer that a later question has overtaken is dropped. */
export async function readCart(shop: string, market?: Market): Promise<void> {
  turn += 1;
  const mine = turn;
  try {
    const got = await getCart(shop, market);
    if (mine !== turn) return;
    hold(got);
  } catch (e) {
    if (mine === turn) cartFailed.value = asProblem(e).code;
  }
}

/** Takes a cart that an act has answered with. */
export function takeCart(got: Cart): void {
  turn += 1;
  hold(got);
}

const lastShopKey = 'nm-shop';

/** The shop that was last looked at: where the cart button of pages without a shop leads. */
export function rememberShop(slug: string): void {
  try {
    sessionStorage.setItem(lastShopKey, slug);
  } catch {
    // blocked: the address says it
  }
}

export function lastShop(): string | null {
  try {
    return sessionStorage.getItem(lastShopKey);
  } catch {
    return null;
  }
}

export const cartPath = (shop: string): string => `/cart?shop=${encodeURIComponent(shop)}`;
