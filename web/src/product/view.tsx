import { useEffect, useState } from 'preact/hooks';
import { addLine, getProduct, joinWait, type Product } from '../api/buy.ts';
import { actKey, asProblem, type ProblemCode } from '../api/http.ts';
import { pick } from '../i18n/format.ts';
import { CartLink } from '../shop/cart-link.tsx';
import { Price, Stepper, Stock, Was } from '../shop/bits.tsx';
import { readCart, rememberShop, takeCart } from '../shop/cart.ts';
import { isOut, marketNow, priceIn, soldHere } from '../shop/money.ts';
import { Options, pickFirst, variantOf } from '../shop/options.tsx';
import { Page, Wait } from '../shop/page.tsx';
import { Photos } from '../shop/photos.tsx';
import { t } from '../shop/strings.ts';
import { clockText } from '../ui/clock.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon, Logo } from '../ui/icon.tsx';
import { go } from '../ui/route.ts';
import { toast } from '../ui/toast.tsx';
import { Words } from '../ui/words.tsx';
import './style.css';

const most = 20;
const returnDays = 7;

function Gone() {
  return <div class="empty" data-testid="product-gone"><Logo size={40} /><b>{t('product.gone')}</b><a class="btn s" href="/">{t('cart.live')}</a></div>;
}

/** Adds at the list price, or joins the waiting list where nothing is left. */
async function take(p: Product, variant: string, out: boolean, qty: number, key: string): Promise<boolean> {
  try {
    if (out) {
      toast(t('sheet.joined', { n: (await joinWait(variant, qty, marketNow(), null)).place }), 'ok');
      void readCart(p.shop.slug, marketNow());
      return true;
    }
    const added = await addLine(variant, qty, marketNow(), null, key);
    takeCart(added.cart);
    toast(added.short ? t('added.short', { n: added.qty }) : t('added.ok'), 'ok');
    return true;
  } catch (e) {
    const code = asProblem(e).code;
    toast(t(code === 'sold_out' ? 'cart.soldOut' : code === 'conflict' ? 'no.market' : code === 'offline' ? 'no.offline' : 'no.server'), 'bad');
    return false;
  }
}

function Buy({ p }: { p: Product }) {
  const options = p.options.map((o) => ({ name: o.name, values: o.values.map((v) => v[0] ?? ''), words: o.values }));
  const [chosen, choose] = useState(() => pickFirst(options, p.variants));
  const [qty, setQty] = useState(1);
  const [busy, setBusy] = useState(false);
  const [missed, setMissed] = useState(false);
  const [key, setKey] = useState(actKey);
  const v = variantOf(p.variants, chosen);
  const shown = v ?? p.variants[0];
  const price = shown ? priceIn(shown.prices) : null;
  const entry = shown?.prices[marketNow()];
  const was = entry?.compare_at ? { amount: entry.compare_at, currency: entry.currency } : null;
  const out = v ? isOut(v.left) : isOut(p.left);
  async function act(buy: boolean): Promise<void> {
    if (busy) return;
    if (!v) {
      setMissed(true);
      return;
    }
    setBusy(true);
    const done = await take(p, v.id, out, qty, key);
    setBusy(false);
    if (!done) return;
    setKey(actKey());
    if (buy && !out) go(`/checkout?shop=${encodeURIComponent(p.shop.slug)}`);
  }
  return (
    <>
      <div class="prices big">{price && <Price of={price} size="xl" />}{was && <Was of={was} />}</div>
      <Stock left={v ? v.left : p.left} />
      {shown && !soldHere(shown.prices) && <p class="note warn"><Icon name="info" size={18} /><span>{t('no.market')}</span></p>}
      <Options options={options} variants={p.variants} chosen={chosen} choose={choose} missed={missed} />
      <div class="row qty-row"><div class="grow sm b t2">{t('step.qty')}</div><Stepper n={qty} most={most} set={setQty} name={t('step.qty')} /></div>
      <div class="row buy-row">
        {out
          ? <button type="button" class="btn pri lg grow" data-testid="join" aria-disabled={busy} onClick={() => void act(false)}><Icon name="bell" />{t('sheet.join')}</button>
          : <><button type="button" class="btn lg grow" data-testid="add" aria-disabled={busy} onClick={() => void act(false)}>{t('sheet.add')}</button>
            <button type="button" class="btn pri lg grow" data-testid="buy-now" aria-disabled={busy} onClick={() => void act(true)}>{t('sheet.buy')}</button></>}
      </div>
    </>
  );
}

function Whole({ p }: { p: Product }) {
  const title = pick(p.title).text;
  const body = pick(p.body);
  return (
    <article class="product">
      <Photos media={p.media} fallback={p.image} name={title} large />
      <div class="pad">
        <a class="sm t2 shop-l" href={`/shop/${p.shop.slug}`}><Icon name="store" size={16} />{p.shop.name}</a>
        <h2><Words of={p.title} /></h2>
        <Buy p={p} />
        <ul class="inf"><li><Icon name="shield" /><span class="grow">{p.exempt === 'none' ? t('sheet.returns', { n: returnDays }) : t(`exempt.${p.exempt as 'other'}`)}</span></li></ul>
        {body.text && <p class="body"><Words of={p.body} /></p>}
        {p.moments && p.moments.length > 0 && (
          <section class="moments"><h3 class="sec">{t('product.moments')}</h3>
            {p.moments.map((m) => (
              <a key={`${m.show_id} ${m.at_ms}`} class="act" href={`/s/${m.show_id}?t=${m.at_ms}`}><Icon name="play" /><span class="grow"><Words of={m.title} /></span><b class="num">{clockText(m.at_ms)}</b></a>
            ))}
          </section>
        )}
      </div>
    </article>
  );
}

/** One product at `/p/{id}`. */
export function ProductPage({ id }: { id: string }) {
  const [p, setProduct] = useState<Product | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const look = (): void => {
    getProduct(id).then((x) => {
      setProduct(x);
      setFailed(null);
      rememberShop(x.shop.slug);
      void readCart(x.shop.slug, marketNow());
    }, (e: unknown) => setFailed(asProblem(e).code));
  };
  useEffect(look, [id]);
  return (
    <Page title={p ? pick(p.title).text : ''} testId="product-page" plain end={p ? <CartLink shop={p.shop.slug} /> : undefined}>
      {p && <Whole p={p} />}
      {!p && failed === 'not_found' && <Gone />}
      {!p && failed && failed !== 'not_found' && <ErrorBox cause={failed} retry={look} />}
      {!p && !failed && <div class="pad"><div class="sk photo large" /><Wait rows={1} /></div>}
    </Page>
  );
}
