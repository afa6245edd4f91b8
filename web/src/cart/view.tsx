import { useEffect } from 'preact/hooks';
import { againLine, dropLine, setLine, type Cart, type CartLine } from '../api/buy.ts';
import { asProblem, type ProblemCode } from '../api/http.ts';
import { pick } from '../i18n/format.ts';
import { Name, Price, Ring, Stepper, Thumb, toneOf } from '../shop/bits.tsx';
import { optionText } from '../shop/option-words.ts';
import { cart, cartFailed, lastShop, readCart, takeCart } from '../shop/cart.ts';
import { isOut, marketNow, moneyText } from '../shop/money.ts';
import { Page, Wait } from '../shop/page.tsx';
import { FreeShipping } from '../shop/shipping.tsx';
import { t, type Key } from '../shop/strings.ts';
import { nowMs } from '../ui/clock.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon, Logo } from '../ui/icon.tsx';
import { toast } from '../ui/toast.tsx';
import { visited } from '../ui/stay.ts';
import { WaitingCard } from './waiting.tsx';
import './style.css';

const mostOfOne = 99;
/** Holds that end within this of each other share a header. */
const togetherMs = 1000;

function refused(code: ProblemCode): Key {
  switch (code) {
    case 'sold_out':
      return 'cart.soldOut';
    case 'limit':
      return 'no.limit';
    case 'forbidden':
      return 'cart.noBack';
    default:
      return 'cart.failed';
  }
}

/** Does it, and shows what the cart is then; what failed leaves it as it was, and says so. */
async function act(f: () => Promise<Cart | void>, shop: string): Promise<void> {
  try {
    const got = await f();
    if (got) takeCart(got);
    else await readCart(shop, marketNow());
  } catch (e) {
    toast(t(refused(asProblem(e).code)), 'bad');
    await readCart(shop, marketNow());
  }
}

interface Group {
  until: number;
  lines: CartLine[];
}

/** Lines by the end of their hold, soonest first. */
export function groupsOf(lines: readonly CartLine[]): Group[] {
  const out: Group[] = [];
  for (const l of lines.filter((x) => x.state === 'held').toSorted((a, b) => a.hold_until - b.hold_until)) {
    const last = out.at(-1);
    if (last && l.hold_until - last.until <= togetherMs) last.lines.push(l);
    else out.push({ until: l.hold_until, lines: [l] });
  }
  return out;
}

function Changed({ l }: { l: CartLine }) {
  return l.was ? <p class="xs diff-line">{t('cart.changedPrice', { old: moneyText(l.was), new: moneyText(l.unit) })}</p> : null;
}

function Held({ l, shop }: { l: CartLine; shop: string }) {
  const name = l.code ?? pick(l.title).text;
  return (
    <li class="cl" data-testid="cart-line" data-code={l.code ?? undefined}>
      <Thumb src={l.image} size="l" />
      <div class="grow">
        <a class="name-l" href={`/p/${l.product_id}`}><Name code={l.code} title={l.title} /></a>
        <div class="sm t2">{optionText(l.options, l.option_words)}</div>
        <Changed l={l} />
        <div class="row line-foot">
          <Price of={l.unit} />
          <span class="end row">
            <button type="button" class="icb" aria-label={t('cart.removeName', { name })} data-testid="remove" onClick={() => void act(() => dropLine(l.id), shop)}><Icon name="bin" size={20} /></button>
            <Stepper n={l.qty} most={mostOfOne} name={name} set={(n) => void act(() => setLine(l.id, n), shop)} />
          </span>
        </div>
      </div>
    </li>
  );
}

function HeldGroup({ g, shop }: { g: Group; shop: string }) {
  const tone = toneOf(g.until - nowMs.value);
  return (
    <section class={`card group${tone}`} data-testid="hold-group">
      <header class="ch"><Ring until={g.until} /><span class="sm">{t(tone ? 'cart.within' : 'cart.held')}</span></header>
      <ul>{g.lines.map((l) => <Held key={l.id} l={l} shop={shop} />)}</ul>
    </section>
  );
}

function Expired({ l, shop }: { l: CartLine; shop: string }) {
  const name = l.code ?? pick(l.title).text;
  const can = l.for_sale && !isOut(l.left);
  return (
    <section class="card row small-line" data-testid="expired-line" data-code={l.code ?? undefined}>
      <Thumb src={l.image} size="m" />
      <div class="grow"><Name code={l.code} title={l.title} /><div class="sm t2">{t('cart.expired')}{!can && ` · ${t('cart.expiredText')}`}</div></div>
      {can && <button type="button" class="btn s" data-testid="again" onClick={() => void act(() => againLine(l.id).then((a) => a.cart), shop)}>{t('cart.again')}</button>}
      <button type="button" class="icb" aria-label={t('cart.removeName', { name })} onClick={() => void act(() => dropLine(l.id), shop)}><Icon name="bin" size={20} /></button>
    </section>
  );
}

function Empty() {
  return (
    <div class="empty" data-testid="cart-empty">
      <Logo size={40} /><b>{t('cart.empty')}</b><span class="sm t2">{t('cart.emptyText')}</span>
      <a class="btn s" href={visited.value ? `/s/${visited.value}` : '/'}>{t('cart.live')}</a>
    </div>
  );
}

function Lines({ c }: { c: Cart }) {
  const shop = c.shop.slug;
  if (c.lines.length === 0 && c.waiting.length === 0) return <Empty />;
  return (
    <>
      {c.count > 0 && <FreeShipping shop={shop} market={c.market} subtotal={c.subtotal} />}
      {groupsOf(c.lines).map((g) => <HeldGroup key={g.until} g={g} shop={shop} />)}
      {c.waiting.map((w) => <WaitingCard key={w.id} w={w} done={(f) => void act(f, shop)} />)}
      {c.lines.filter((l) => l.state === 'expired').map((l) => <Expired key={l.id} l={l} shop={shop} />)}
    </>
  );
}

/** Reads the cart again when a hold or an offer has run out, and when the page is looked at again. */
function useFresh(shop: string | null): void {
  const market = marketNow();
  useEffect(() => {
    if (!shop) return undefined;
    const look = (): void => {
      if (!document.hidden) void readCart(shop, market);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [shop, market]);
  const c = cart.value;
  const ends = [c?.held_until ?? null, ...(c?.waiting ?? []).map((w) => w.offer_until)].filter((x): x is number => x !== null);
  const next = ends.length > 0 ? Math.min(...ends) : null;
  const due = next !== null && next < nowMs.value;
  useEffect(() => {
    if (!due || !shop) return undefined;
    const timer = setInterval(() => void readCart(shop, market), 1500);
    return () => clearInterval(timer);
  }, [due, shop, market]);
}

/** The cart of one shop at `/cart?shop=`. */
export function CartPage() {
  const shop = new URLSearchParams(location.search).get('shop') ?? lastShop();
  useFresh(shop);
  const c = cart.value?.shop.slug === shop ? cart.value : null;
  const failed = cartFailed.value;
  return (
    <Page title={t('cart.title')} from={visited.value ? `/s/${visited.value}` : '/'} testId="cart"
      mark={c && c.count > 0 ? <> <span class="t3 num">{c.count}</span></> : undefined}
      foot={c && c.count > 0 && (
        <div class="row">
          <div class="grow"><div class="xs t2">{t('cart.subtotal')}</div><Price of={c.subtotal} size="xl" /></div>
          <a class="btn pri lg" data-testid="checkout" href={`/checkout?shop=${encodeURIComponent(c.shop.slug)}`}>{t('cart.checkout')}</a>
        </div>
      )}>
      {c && <Lines c={c} />}
      {!c && !shop && <Empty />}
      {!c && shop && failed && <ErrorBox cause={failed} retry={() => void readCart(shop, marketNow())} />}
      {!c && shop && !failed && <Wait rows={2} />}
    </Page>
  );
}
