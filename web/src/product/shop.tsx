import { useEffect, useState } from 'preact/hooks';
import { listProducts, type Product } from '../api/buy.ts';
import { asProblem, type ProblemCode } from '../api/http.ts';
import type { Shop } from '../api/types.ts';
import { Price, Thumb } from '../shop/bits.tsx';
import { CartLink } from '../shop/cart-link.tsx';
import { readCart, rememberShop } from '../shop/cart.ts';
import { isOut, marketNow, priceIn } from '../shop/money.ts';
import { Page, Wait } from '../shop/page.tsx';
import { t } from '../shop/strings.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon, Logo } from '../ui/icon.tsx';
import { Words } from '../ui/words.tsx';
import './style.css';

export function ProductCard({ p }: { p: Product }) {
  const first = p.variants[0];
  const price = first ? priceIn(first.prices) : null;
  return (
    <a class="pc" href={`/p/${p.id}`} data-testid="product-card">
      <span class="im"><Thumb src={p.image} /></span>
      <b class="cut2"><Words of={p.title} /></b>
      <span class="row">{price && <Price of={price} />}{isOut(p.left) && <span class="pill">{t('left.none')}</span>}</span>
    </a>
  );
}

function Shelf({ items, q, all }: { items: Product[]; q: string; all: () => void }) {
  if (items.length > 0) return <div class="grid">{items.map((p) => <ProductCard key={p.id} p={p} />)}</div>;
  return <div class="empty"><Logo size={40} /><b>{q ? t('shop.none', { q }) : t('shop.empty')}</b>{q && <button type="button" class="btn s" onClick={all}>{t('shop.all')}</button>}<a class="btn s" href="/">{t('cart.live')}</a></div>;
}

/** A shop's products at `/shop/{slug}`. */
export function ShopPage({ slug }: { slug: string }) {
  const [shop, setShop] = useState<Shop | null>(null);
  const [items, setItems] = useState<Product[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const [typed, type] = useState('');
  const [q, search] = useState('');
  const look = (cursor?: string): void => {
    listProducts(slug, { q, ...(cursor ? { cursor } : {}) }).then((p) => {
      setShop(p.shop);
      setItems((before) => [...(cursor ? (before ?? []) : []), ...p.items]);
      setNext(p.next);
      setFailed(null);
    }, (e: unknown) => setFailed(asProblem(e).code));
  };
  useEffect(() => look(), [slug, q]);
  useEffect(() => {
    rememberShop(slug);
    void readCart(slug, marketNow());
  }, [slug]);
  return (
    <Page title={shop ? t('shop.title', { name: shop.name }) : ''} testId="shop-page" end={<CartLink shop={slug} />}>
      <form class="find" role="search" onSubmit={(e) => { e.preventDefault(); search(typed.trim()); }}>
        <input class="inp" type="search" aria-label={t('shop.search')} placeholder={t('shop.search')} value={typed} onInput={(e) => type(e.currentTarget.value)} />
        <button type="submit" class="btn" aria-label={t('shop.search')}><Icon name="search" /></button>
      </form>
      {items && <Shelf items={items} q={q} all={() => { type(''); search(''); }} />}
      {next && <button type="button" class="btn wide" onClick={() => look(next)}>{t('shop.all')}</button>}
      {!items && failed && <ErrorBox cause={failed} retry={() => look()} />}
      {!items && !failed && <Wait />}
    </Page>
  );
}
