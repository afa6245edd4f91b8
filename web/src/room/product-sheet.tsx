import { useEffect, useState } from 'preact/hooks';
import { addLine, getProduct, joinWait, type Product } from '../api/buy.ts';
import { actKey, asProblem } from '../api/http.ts';
import type { Listing, Variant } from '../api/sale.ts';
import { pick } from '../i18n/format.ts';
import { spanText, Stock, Stepper, Price, Was, Code } from '../shop/bits.tsx';
import { takeCart } from '../shop/cart.ts';
import { isOut, marketNow, priceIn } from '../shop/money.ts';
import { Options, pickFirst, variantOf } from '../shop/options.tsx';
import { Photos } from '../shop/photos.tsx';
import { t } from '../shop/strings.ts';
import { Icon } from '../ui/icon.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { toast } from '../ui/toast.tsx';
import type { RoomCtrl } from './ctrl.ts';
import { leftOf, stubOf } from './sale.ts';
import { RemindButton } from './tray.tsx';
import { pricesOf } from './ticket.tsx';

const returnDays = 7;

function useProduct(id: string): Product | null {
  const [got, setGot] = useState<Product | null>(null);
  useEffect(() => {
    let gone = false;
    getProduct(id).then((p) => { if (!gone) setGot(p); }, () => undefined); // the listing alone is enough to buy
    return () => {
      gone = true;
    };
  }, [id]);
  return got;
}

/** How this listing is taken: by a claim while its window is open, else at the list price. */
async function take(ctrl: RoomCtrl, l: Listing, v: Variant, qty: number, key: string): Promise<boolean> {
  const { sale } = ctrl;
  if (l.claim_open && l.deal?.state !== 'countdown') return sale.claim(l, v.id, qty, key);
  try {
    if (isOut(v.left)) {
      const w = await joinWait(v.id, qty, marketNow(), l.id);
      toast(t('sheet.joined', { n: w.place }), 'ok');
    } else {
      const added = await addLine(v.id, qty, marketNow(), l.id, key);
      takeCart(added.cart);
      toast(added.short ? t('added.short', { n: added.qty }) : t('added.ok'), 'ok');
    }
    return true;
  } catch (e) {
    sale.say({ is: 'refused', reason: asProblem(e).code, code: l.code });
    return false;
  }
}

function Facts({ l, product, ctrl }: { l: Listing; product: Product | null; ctrl: RoomCtrl }) {
  const exempt = product?.exempt && product.exempt !== 'none' ? product.exempt : null;
  const chapter = ctrl.stage.value === 'replay' ? ctrl.sale.chapters.value?.find((c) => c.listing_id === l.id) : undefined;
  return (
    <ul class="inf">
      <li><Icon name="shield" /><span class="grow">{exempt ? t(`exempt.${exempt as 'other'}`) : t('sheet.returns', { n: returnDays })}</span></li>
      {chapter && (
        <li><Icon name="play" /><button type="button" class="grow link" onClick={() => { ctrl.player.seek(chapter.start_ms / 1000); ctrl.sale.openId.value = null; }}>{t('sheet.moment')}</button></li>
      )}
      <li><Icon name="ext" /><a class="grow link" href={`/p/${l.product_id}`} data-testid="product-full">{t('sheet.full')}</a></li>
    </ul>
  );
}

/** Options, quantity and the two ways to buy, while the show goes on above. */
export function ProductSheet({ l, ctrl }: { l: Listing; ctrl: RoomCtrl }) {
  const { sale } = ctrl;
  const product = useProduct(l.product_id);
  const [chosen, choose] = useState<(string | null)[]>(() => pickFirst(l.options, l.variants));
  const [typed] = useState(sale.typed.value);
  const [qty, setQty] = useState(typed?.qty ?? 1);
  const [missed, setMissed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(actKey);
  const v = variantOf(l.variants, chosen);
  const { now, was, deal, from } = pricesOf(l);
  const price = deal || !v ? now : priceIn(v.prices);
  const out = v ? isOut(v.left) || l.deal?.state === 'sold_out' : false;
  const soon = l.deal?.state === 'countdown';
  const onAir = ctrl.stage.value === 'live' || ctrl.stage.value === 'break';
  const shut = onAir && stubOf(l) === 'closed'; // the room takes nothing of it now, whichever way it is asked
  const most = Math.min(l.deal?.per_buyer_max ?? l.per_buyer_max, 99);
  const close = (): void => {
    sale.openId.value = null;
  };
  useEffect(() => {
    sale.typed.value = null;
  }, [sale]);
  async function act(buy: boolean): Promise<void> {
    if (!v || busy) {
      if (!v) setMissed(true);
      return;
    }
    setBusy(true);
    const done = await take(ctrl, l, v, Math.min(qty, most), key);
    setBusy(false);
    if (!done) return;
    setKey(actKey());
    close();
    if (buy) ctrl.toCart(true);
  }
  return (
    <Sheet title={pick(l.title).text} close={close} testId="product-sheet" tall>
      <div class="ps">
        <div class="ps-top">
          <Photos media={product?.media ?? []} fallback={l.image} name={pick(l.title).text} />
          <div class="grow">
            <Code of={l.code} />
            <div class="prices">{price && <Price of={price} size="xl" tone={deal ? 'deal' : undefined} from={from && !v} />}{was && <Was of={was} />}</div>
            <Stock left={v ? v.left : leftOf(l)} text={l.deal ? t('left.of', { n: l.deal.left, all: l.deal.quota }) : undefined} />
          </div>
        </div>
        {shut && <p class="note" role="status" data-testid="shut"><Icon name="info" size={18} /><span>{t(l.state === 'queued' ? 'sheet.notYet' : 'sheet.shut')}</span></p>}
        {typed && !shut && <p class="note" role="status" data-testid="finish"><Icon name="info" size={18} /><span>{t('sheet.finish', { code: typed.code, n: typed.qty })}</span></p>}
        <Options options={l.options} variants={l.variants} chosen={chosen} choose={choose} missed={missed} />
        <div class="row qty-row">
          <div class="grow"><div class="sm b t2">{t('step.qty')}</div><div class="xs t3">{t('sheet.most', { n: most })}</div></div>
          <Stepper n={Math.min(qty, most)} most={most} set={setQty} name={t('step.qty')} />
        </div>
        {!out && !shut && <div class="note ok"><Icon name="clock" size={18} /><span>{t('sheet.hold', { t: spanText(sale.rules.value.hold_s * 1000) })}</span></div>}
        <Facts l={l} product={product} ctrl={ctrl} />
      </div>
      <footer class="sheet-foot">
        {shut ? l.state === 'queued' && <RemindButton l={l} sale={sale} big /> : out
          ? <button type="button" class="btn pri lg grow" data-testid="join" aria-disabled={busy} onClick={() => void act(false)}><Icon name="bell" />{t('sheet.join')}</button>
          : <>
              <button type="button" class="btn lg grow" data-testid="add" aria-disabled={busy || soon} disabled={soon} onClick={() => void act(false)}>{t(l.claim_open ? 'sheet.claim' : 'sheet.add')}</button>
              <button type="button" class="btn pri lg grow" data-testid="buy-now" aria-disabled={busy || soon} disabled={soon} onClick={() => void act(true)}>{t('sheet.buy')}</button>
            </>}
      </footer>
    </Sheet>
  );
}

