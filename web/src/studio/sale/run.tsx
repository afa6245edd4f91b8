import { useEffect, useState } from 'preact/hooks';
import type { Left, Listing } from '../../api/sale.ts';
import type { Market } from '../../api/types.ts';
import { amountField, amountText, parseAmount, symbolOf } from '../../i18n/money.ts';
import { clockText, serverNow, nowMs } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { Words } from '../../ui/words.tsx';
import { listProducts } from '../products/api.ts';
import { Thumb } from '../products/cells.tsx';
import type { Product } from '../products/types.ts';
import { shopSlug } from '../shops.ts';
import { t } from '../strings.ts';
import { wide } from '../wide.ts';
import { Code } from './code.tsx';
import type { SaleCtrl } from './ctrl.ts';
import type { ListingFields } from './types.ts';

const few = 10;
/** A SKU, or the code of an earlier show: asked for as it is. */
const isCode = /^[A-Za-z]{1,6}[-_A-Za-z0-9]*\d[-_A-Za-z0-9]*$/;

/** All that is left of a listing: a number while it is exact, else a bucket; null is not counted. */
export function leftOf(l: Listing): Left {
  let sum = 0;
  for (const v of l.variants) {
    if (v.left === null) return null;
    if (typeof v.left === 'string') return v.left;
    sum += v.left;
  }
  return sum;
}

export function LeftMark({ left }: { left: Left }) {
  if (left === null) return null;
  if (left === 0) return <b class="lowleft">{t('run.soldOut')}</b>;
  const low = typeof left === 'number' && left <= few;
  return <span class={low ? 'lowleft' : ''}>{t('run.left')} <b class="num">{left}</b></span>;
}

const markets: readonly Market[] = ['TW', 'TH'];
const currencyOf: Record<Market, string> = { TW: 'TWD', TH: 'THB' };

function lowest(l: Listing, m: Market): { amount: number; currency: string } | null {
  const all = l.variants.map((v) => v.prices[m]).filter((p) => p !== undefined);
  return all.toSorted((a, b) => a.amount - b.amount)[0] ?? null;
}

export function ListingPrice({ listing }: { listing: Listing }) {
  const p = lowest(listing, 'TW') ?? lowest(listing, 'TH');
  return p ? <span class="num">{symbolOf(p.currency)}{amountText(p)}</span> : <b class="lowleft">{t('prod.noPrices')}</b>;
}

/** A price that is changed where it stands: Enter or leaving the field saves it. */
function PriceField({ ctrl, l, market }: { ctrl: SaleCtrl; l: Listing; market: Market }) {
  const now = lowest(l, market);
  const [typed, setTyped] = useState<string | null>(null);
  const amount = typed === null ? null : parseAmount(typed, currencyOf[market]);
  const wrong = typed !== null && typed.trim() !== '' && amount === null;
  async function save(): Promise<void> {
    if (typed === null || wrong) return;
    if (amount !== null && amount !== now?.amount) await ctrl.setPrice(l, market, amount);
    setTyped(null);
  }
  return (
    <label class={`inp pricefield${wrong ? ' err' : ''}`}><span class="xs t2">{symbolOf(currencyOf[market])}</span>
      <input class="num" inputMode="decimal" autoComplete="off" aria-label={t('run.priceOf', { code: l.code, currency: currencyOf[market] })} aria-invalid={wrong} value={typed ?? (now ? amountField(now) : '')} data-testid={`price-${market}`}
        onInput={(e) => setTyped(e.currentTarget.value)} onBlur={() => void save()}
        onKeyDown={(e) => { if (e.key === 'Enter') void save(); if (e.key === 'Escape') { setTyped(null); e.currentTarget.blur(); } }} />
    </label>
  );
}

/** The time a deal has before it opens, or closes. */
export function DealClock({ listing }: { listing: Listing }) {
  const d = listing.deal;
  if (!d || (d.state !== 'countdown' && d.state !== 'open' && d.state !== 'sold_out')) return null;
  void nowMs.value; // once a second
  const until = d.state === 'countdown' ? d.opens_at : d.closes_at;
  return (
    <span class="dealmark" data-testid="deal-mark" data-state={d.state}><Icon name="bolt" size={14} />{t(`deal.${d.state}`)}
      {until !== null && <b class="num">{clockText(Math.max(0, until - serverNow()))}</b>}<b class="num">{d.quota - d.left}/{d.quota}</b></span>
  );
}

function Pinned({ ctrl, l }: { ctrl: SaleCtrl; l: Listing }) {
  return (
    <li class="runrow now" data-testid="run-row" data-listing={l.id} data-state="pinned">
      <Thumb src={l.image} />
      <div class="grow">
        <p class="row"><Code code={l.code} /><b class="cut"><Words of={l.title} /></b></p>
        <div class="row pricepair">{markets.map((m) => <PriceField key={m} ctrl={ctrl} l={l} market={m} />)}</div>
        <p class="xs row wrap"><LeftMark left={leftOf(l)} /><DealClock listing={l} /><span class={l.claim_open ? 'openmark' : 't2'}>{t(l.claim_open ? 'run.open' : 'run.closed')}</span>
          <button type="button" class="link end" data-testid="listing-edit" onClick={() => { ctrl.panel.value = { is: 'listing', listing: l.id }; }}>{t('run.edit')}</button></p>
      </div>
    </li>
  );
}

function Row({ ctrl, l, next }: { ctrl: SaleCtrl; l: Listing; next: boolean }) {
  return (
    <li class="runrow" data-testid="run-row" data-listing={l.id} data-state={l.state}>
      <button type="button" class="runpin" data-testid="run-pin" onClick={() => void ctrl.pin(l.id)}>
        <span class="vh">{t('run.pinThis', { code: l.code })} </span><Thumb src={l.image} />
        <span class="grow"><span class="row"><Code code={l.code} /><b class="cut"><Words of={l.title} /></b></span>
          <span class="xs t2 row wrap"><LeftMark left={leftOf(l)} /><ListingPrice listing={l} /><DealClock listing={l} /></span></span>
        {next && <span class="pill warn">{t('run.next')}</span>}
        {l.state === 'shown' && <span class="okic"><Icon name="check" size={18} /><span class="vh">{t('run.shown')}</span></span>}
      </button>
      <button type="button" class="icb" aria-label={t('run.editOf', { code: l.code })} data-testid="listing-edit" onClick={() => { ctrl.panel.value = { is: 'listing', listing: l.id }; }}><Icon name="more" size={18} /></button>
    </li>
  );
}

const typingMs = 200;
const mostHits = 5;

/** One field: a code, a SKU or a name, Enter, and it is in the show. */
export function AddField({ ctrl }: { ctrl: SaleCtrl }) {
  const [text, setText] = useState('');
  const [hits, setHits] = useState<Product[]>([]);
  useEffect(() => {
    const q = text.trim();
    if (!q) {
      setHits([]);
      return undefined;
    }
    const run = new AbortController();
    const timer = setTimeout(() => {
      listProducts({ q, status: '', category: '', shop: shopSlug.value }, run.signal).then((p) => setHits(p.items.slice(0, mostHits)), () => undefined);
    }, typingMs);
    return () => {
      clearTimeout(timer);
      run.abort();
    };
  }, [text]);
  const taken = new Set(ctrl.run.value.map((l) => l.product_id));
  async function add(body: ListingFields): Promise<void> {
    if (await ctrl.add(body)) setText('');
  }
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    const find = text.trim();
    if (!find) return;
    const found = await listProducts({ q: find, status: '', category: '', shop: shopSlug.value }).catch(() => null);
    const only = found?.items.find((p) => !taken.has(p.id)) ?? found?.items[0];
    await add(only && !isCode.test(find) ? { product_id: only.id } : { find });
  }
  return (
    <form class="addfield" onSubmit={(e) => void submit(e)}>
      <Icon name="plus" size={20} />
      <input value={text} aria-label={t('run.add')} placeholder={t(wide.value ? 'run.addHint' : 'run.addHintShort')} maxLength={80} autoComplete="off" enterKeyHint="done" data-testid="run-add"
        onInput={(e) => setText(e.currentTarget.value)} onKeyDown={(e) => { if (e.key === 'Escape') { setText(''); e.currentTarget.blur(); } }} />
      {hits.length > 0 && (
        <ul class="hits">{hits.map((p) => (
          <li key={p.id}><button type="button" data-testid="run-hit" onClick={() => void add({ product_id: p.id })}><Thumb src={p.image} /><span class="grow cut2"><Words of={p.title} /></span>{taken.has(p.id) && <Icon name="check" size={18} />}</button></li>
        ))}</ul>
      )}
    </form>
  );
}

/** The run order while on air: what is up glows, the others are one press away. */
export function RunList({ ctrl, edits }: { ctrl: SaleCtrl; edits: boolean }) {
  const run = ctrl.run.value;
  const shown = run.filter((l) => l.state === 'shown').length;
  return (
    <section class="runlist" aria-labelledby="h-run">
      <div class="row runhead"><h2 class="sec" id="h-run">{t('run.title')}</h2><span class="xs t2 end">{t('run.count', { shown, all: run.length })}</span></div>
      <ul class="runs" tabIndex={0} aria-labelledby="h-run">
        {run.length === 0 && <li class="sm t2 pad">{t('run.none')}</li>}
        {run.map((l) => (l.id === ctrl.pinned.value?.listing_id ? <Pinned key={l.id} ctrl={ctrl} l={l} /> : <Row key={l.id} ctrl={ctrl} l={l} next={l.id === ctrl.next.value?.id} />))}
      </ul>
      {edits && <AddField ctrl={ctrl} />}
    </section>
  );
}
