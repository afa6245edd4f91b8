import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Deal, Listing, Money, Variant } from '../api/sale.ts';
import { pick } from '../i18n/format.ts';
import { Code, Price, Stock, Thumb, Was, spanText } from '../shop/bits.tsx';
import { isOut, marketNow, priceIn } from '../shop/money.ts';
import { t } from '../shop/strings.ts';
import { clockText, nowMs } from '../ui/clock.ts';
import { Icon } from '../ui/icon.tsx';
import { Words } from '../ui/words.tsx';
import type { RoomCtrl } from './ctrl.ts';
import { leftOf, stubOf, type SaleCtrl, type Stub } from './sale.ts';

const tearMs = 420;

/** What was asked before, where the two can be compared at all: another market's price says nothing here. */
const higher = (was: Money | null, now: Money | null): Money | null =>
  was && now && was.currency === now.currency && was.amount > now.amount ? was : null;

const cheapest = (all: readonly Variant[]): Variant | undefined =>
  all.toSorted((a, b) => (priceIn(a.prices)?.amount ?? Infinity) - (priceIn(b.prices)?.amount ?? Infinity))[0];

/** The price to show: the deal's while one is on, with the usual one beside it. */
export function pricesOf(l: Listing): { now: Money | null; was: Money | null; deal: boolean; from: boolean } {
  const cheap = cheapest(l.variants);
  const first = l.variants.find((v) => v.id === l.deal?.variant_id) ?? cheap;
  const list = first ? priceIn(first.prices, marketNow()) : null;
  const deal = l.deal ? priceIn(l.deal.prices, marketNow()) : null;
  if (deal) return { now: deal, was: higher(list, deal), deal: true, from: false };
  return { now: list, was: higher(first?.compare_at ? priceIn(first.compare_at) : null, list), deal: false, from: l.variants.some((v) => priceIn(v.prices)?.amount !== list?.amount) };
}

function dealWords(d: Deal): string {
  if (d.state === 'countdown') return t('deal.opens');
  return t(d.state === 'sold_out' ? 'deal.out' : 'deal.price');
}

/** A deal's state and its clock: until it opens, then until it closes. */
function DealBar({ deal }: { deal: Deal }) {
  const end = deal.state === 'countdown' ? deal.opens_at : deal.closes_at;
  return (
    <div class="dealbar" data-testid="deal-bar" data-state={deal.state}>
      <Icon name="bolt" size={16} /><span>{dealWords(deal)}</span>
      {end !== null && <span class="clk" role="timer" data-testid="deal-clock">{clockText(end - nowMs.value)}</span>}
    </div>
  );
}

function stockText(l: Listing): string | undefined {
  if (l.deal && l.deal.state !== 'sold_out') return t('left.of', { n: l.deal.left, all: l.deal.quota });
  if (isOut(leftOf(l)) || l.deal?.state === 'sold_out') return t('left.wait');
  return undefined;
}

/** Code, name, price and what is left of a listing. */
export function Goods({ l }: { l: Listing }) {
  const { now, was, deal, from } = pricesOf(l);
  const left = l.deal ? (l.deal.state === 'sold_out' ? 0 : l.deal.left) : leftOf(l);
  return (
    <span class="grow">
      <span class="goods"><Code of={l.code} /><b class="cut sm"><Words of={l.title} /></b></span>
      <span class="prices">{now && <Price of={now} tone={deal ? 'deal' : undefined} from={from} />}{was && <Was of={was} />}</span>
      <Stock left={left} text={stockText(l)} />
    </span>
  );
}

const stubs: Record<Stub, () => ComponentChildren> = {
  claim: () => <><span class="num plus">+1</span><span class="xs">{t('ticket.claim')}</span></>,
  wait: () => <><Icon name="bell" size={22} /><span class="xs">{t('ticket.wait')}</span></>,
  soon: () => <><Icon name="clock" size={22} /><span class="xs">{t('ticket.soon')}</span></>,
  closed: () => <span class="xs">{t('ticket.closed')}</span>,
};

/** The part of the ticket that is torn off to claim. */
function TearOff({ l, sale, as }: { l: Listing; sale: SaleCtrl; as: Stub }) {
  const shut = as === 'soon' || as === 'closed';
  const busy = sale.busy.value === l.id;
  return (
    <button type="button" class="stub" data-testid="claim" data-stub={as} disabled={shut} aria-busy={busy || undefined}
      onClick={() => sale.tap(l)}>
      {stubs[as]()}<span class="vh"> {l.code} {pick(l.title).text}</span>
    </button>
  );
}

function useTorn(n: number): boolean {
  const [torn, setTorn] = useState(false);
  useEffect(() => {
    if (n === 0) return undefined;
    setTorn(true);
    const timer = setTimeout(() => setTorn(false), tearMs);
    return () => clearTimeout(timer);
  }, [n]);
  return torn;
}

export function Ticket({ l, sale, label, children }: { l: Listing; sale: SaleCtrl; label: string; children?: ComponentChildren }) {
  const torn = useTorn(sale.torn.value);
  const as = stubOf(l);
  const gone = as !== 'claim';
  return (
    <section class={`ticket${gone ? ' gone' : ''}`} data-ground="paper" aria-label={label} data-testid="pinned-card" data-torn={torn || undefined}>
      <div class="in">
        {l.deal && <DealBar deal={l.deal} />}
        <button type="button" class="main" data-testid="pinned-open" onClick={() => { sale.openId.value = l.id; }}>
          <Thumb src={l.image} /><Goods l={l} /><span class="vh">{t('ticket.more')}</span>
        </button>
        {children ?? <TearOff l={l} sale={sale} as={as} />}
      </div>
    </section>
  );
}

/** What the host is showing, as a ticket whose stub is the claim. */
export function PinnedTicket({ ctrl }: { ctrl: RoomCtrl }) {
  const { sale } = ctrl;
  const l = sale.pinned.value;
  const stage = ctrl.stage.value;
  if (!l || (stage !== 'live' && stage !== 'break')) return null;
  return <Ticket key={l.id} l={l} sale={sale} label={t('ticket.label')} />;
}

/** In a recording: what was being shown at this moment, and it can still be bought. */
export function MomentTicket({ ctrl }: { ctrl: RoomCtrl }) {
  const { sale, player } = ctrl;
  const at = player.position.value * 1000;
  const now = sale.chapters.value?.findLast((c) => c.start_ms <= at);
  const l = now ? (sale.find(now.listing_id) ?? now.listing) : null;
  if (!l) return null;
  const out = isOut(leftOf(l));
  return (
    <Ticket key={l.id} l={l} sale={sale} label={t('ticket.then')}>
      <button type="button" class="stub" data-testid="buy-moment" data-stub={out ? 'wait' : 'claim'} onClick={() => { sale.openId.value = l.id; }}>
        {out ? stubs.wait() : <><span class="num plus">+1</span><span class="xs">{t('ticket.add')}</span></>}
        <span class="vh"> {l.code} {pick(l.title).text}</span>
      </button>
    </Ticket>
  );
}

const fiveMs = 300_000;
const oneMs = 60_000;
/** Longer than this is no hurry, and no clock for a button. */
const mostShownMs = 3_600_000;

/** Says once each that a hold has five minutes and one minute left; otherwise quiet. */
function Spoken({ until }: { until: number | null }) {
  const ms = until === null ? Infinity : until - nowMs.value;
  const near = ms <= 0 ? '' : ms <= oneMs ? t('cart.one') : ms <= fiveMs ? t('cart.five') : '';
  return <span class="vh" role="status" aria-live="polite">{near}</span>;
}

/** Cart and tray, at the end of the row to write in. */
export function BuyButtons({ ctrl }: { ctrl: RoomCtrl }) {
  const { sale } = ctrl;
  const n = sale.count.value;
  const until = sale.until.value;
  const ms = until === null ? 0 : until - nowMs.value;
  const clock = until !== null && ms > 0 && ms < mostShownMs ? spanText(ms) : '';
  return (
    <>
      <Spoken until={n > 0 ? until : null} />
      <button type="button" class="icb" data-testid="cart-button" onClick={() => ctrl.toCart()}>
        <Icon name="cart" size={22} /><span class="vh">{t('cart.button', { n })}{clock && `, ${t('cart.nearest', { t: clock })}`}</span>
        {n > 0 && <span class="bdg" aria-hidden="true" data-testid="cart-count">{n}</span>}
        {n > 0 && clock && <span class={`cclk${ms < oneMs ? ' bad' : ''}`} aria-hidden="true" data-testid="cart-clock">{clock}</span>}
      </button>
      <button type="button" class="icb bagb" aria-label={t('tray.button')} aria-haspopup="dialog" data-testid="tray-button"
        onClick={() => { ctrl.panel.value = 'tray'; }}><Icon name="bag" size={22} /></button>
    </>
  );
}
