import { useEffect, useState } from 'preact/hooks';
import { listProducts, type Product } from '../api/buy.ts';
import type { Shop } from '../api/types.ts';
import { t } from '../shop/strings.ts';
import { Icon } from '../ui/icon.tsx';
import { ProductCard } from './shop.tsx';
import '../shop/style.css';

const shown = '8';

/** A row of a shop's goods on the home page; nothing where there are none. */
export function Strip({ shop }: { shop: Shop }) {
  const [items, setItems] = useState<Product[]>([]);
  useEffect(() => {
    listProducts(shop.slug, { limit: shown }).then((p) => setItems(p.items), () => undefined);
  }, [shop.slug]);
  if (items.length === 0) return null;
  return (
    <section class="pad" aria-labelledby={`g-${shop.slug}`} data-testid="home-goods">
      <h2 class="sec row" id={`g-${shop.slug}`}><span class="grow">{t('shop.title', { name: shop.name })}</span>
        <a class="link sm" href={`/shop/${shop.slug}`}>{t('shop.all')}<Icon name="chev" size={16} /></a></h2>
      <div class="grid">{items.map((p) => <ProductCard key={p.id} p={p} />)}</div>
    </section>
  );
}
