import { Icon } from '../ui/icon.tsx';
import { cart, cartPath } from './cart.ts';
import { t } from './strings.ts';

/** To the cart of a shop, with how many are in it. */
export function CartLink({ shop }: { shop: string }) {
  const n = cart.value?.shop.slug === shop ? cart.value.count : 0;
  return (
    <a class="icb" href={cartPath(shop)} data-testid="cart-link"><Icon name="cart" size={22} /><span class="vh">{t('cart.button', { n })}</span>
      {n > 0 && <span class="bdg-p num" aria-hidden="true">{n}</span>}</a>
  );
}
