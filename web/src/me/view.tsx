import { useEffect, useState } from 'preact/hooks';
import { listOrders, listWaiting, type OrderRow, type Waiting } from '../api/buy.ts';
import { asProblem, call, loadSession, session, type ProblemCode } from '../api/http.ts';
import { chooseLang, signOut } from '../api/sessions.ts';
import type { Market, Session } from '../api/types.ts';
import { dateText } from '../i18n/format.ts';
import { htmlLang, lang, langNames, langs } from '../i18n/index.ts';
import { WaitingCard } from '../cart/waiting.tsx';
import { Foot } from '../legal/foot.tsx';
import { StatusPill } from '../order/status.tsx';
import { Price, Thumb } from '../shop/bits.tsx';
import { cart, lastShop, readCart } from '../shop/cart.ts';
import { CartLink } from '../shop/cart-link.tsx';
import { marketNow } from '../shop/money.ts';
import { Page, Wait } from '../shop/page.tsx';
import { t } from '../shop/strings.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { tw } from '../people/strings.ts';
import { Icon, Logo, type IconName } from '../ui/icon.tsx';
import { toast } from '../ui/toast.tsx';
import { Words } from '../ui/words.tsx';
import './style.css';

const markets: Market[] = ['TW', 'TH'];

async function setMarket(market: Market): Promise<void> {
  try {
    session.value = await call<Session>('PATCH', '/me', { body: { market } });
    cart.value = null;
  } catch {
    toast(t('no.server'), 'bad');
  }
}

function Person() {
  const s = session.value;
  const account = s?.kind === 'account';
  return (
    <section class="card person">
      <div class="row"><span class="face-l"><Icon name="user" size={26} /></span><div class="grow"><b>{s?.viewer?.name ?? t('me.guest')}</b></div>
        {account && <button type="button" class="btn s" data-testid="me-out" onClick={() => void signOut().then(() => { cart.value = null; return loadSession(); }).catch(() => undefined)}>{t('me.out')}</button>}</div>
      {!account && (
        <><p class="sm t2">{t('me.signInText')}</p><a class="btn pri wide" href="/signin?next=/me" data-testid="me-signin">{t('me.signIn')}</a></>
      )}
    </section>
  );
}

const tabs = [
  { to: 'profile', icon: 'user', guests: false },
  { to: 'security', icon: 'key', guests: false },
  { to: 'notices', icon: 'bell', guests: true },
  { to: 'data', icon: 'shield', guests: true },
] as const satisfies { to: string; icon: IconName; guests: boolean }[];

/** What else is one's own, each on a page of its own. A guest has less of it. */
function Tabs() {
  const kind = session.value?.kind;
  const open = tabs.filter((x) => kind === 'account' || (x.guests && kind === 'guest'));
  if (open.length === 0) return null;
  return (
    <nav class="card tabs">
      {open.map(({ to, icon }) => (
        <a key={to} class="tab-row" href={`/me/${to}`} data-testid={`me-tab-${to}`}>
          <Icon name={icon} size={22} /><span class="grow"><b>{tw(`tab.${to}`)}</b><span class="xs t2 blk-l">{tw(`tab.${to}.text`)}</span></span><Icon name="chev" size={18} />
        </a>
      ))}
    </nav>
  );
}

function OrderLink({ o }: { o: OrderRow }) {
  return (
    <a class="card row small-line" href={`/o/${o.no}`} data-testid="order-row">
      <Thumb src={o.image} size="m" />
      <span class="grow"><b class="cut blk-l"><Words of={o.title} /></b><span class="xs t2 blk-l">{dateText(o.created_at)} · {t('me.items', { n: o.lines_n })} · {o.shop.name}</span>
        <span class="row"><StatusPill of={o.status} /><span class="end"><Price of={o.total} /></span></span></span>
    </a>
  );
}

function Orders() {
  const [all, setAll] = useState<OrderRow[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const who = session.value?.viewer?.id ?? null;
  const fetchMore = (cursor?: string): void => {
    listOrders(cursor).then((p) => {
      setAll((before) => [...(cursor ? (before ?? []) : []), ...p.items]);
      setNext(p.next);
      setFailed(null);
    }, (e: unknown) => setFailed(asProblem(e).code));
  };
  useEffect(() => {
    if (who) fetchMore();
    else if (session.value) setAll([]);
  }, [who]);
  if (!all && failed) return <ErrorBox cause={failed} retry={() => fetchMore()} />;
  if (!all) return <Wait rows={2} />;
  if (all.length === 0) return <div class="empty card"><Logo size={40} /><b>{t('me.noOrders')}</b><span class="sm t2">{t('me.noOrdersText')}</span><a class="btn s" href="/">{t('cart.live')}</a></div>;
  return (
    <div class="stack">
      {all.map((o) => <OrderLink key={`${o.shop.id} ${o.no}`} o={o} />)}
      {next && <button type="button" class="btn wide" onClick={() => fetchMore(next)}>{t('me.more')}</button>}
    </div>
  );
}

function Waits() {
  const [all, setAll] = useState<Waiting[]>([]);
  const who = session.value?.viewer?.id ?? null;
  const look = (): void => {
    listWaiting().then((p) => setAll(p.items.filter((w) => w.state === 'waiting' || w.state === 'offered')), () => undefined);
  };
  useEffect(() => {
    if (who) look();
  }, [who]);
  if (all.length === 0) return null;
  return (
    <section><h2 class="sec">{t('me.waits')}</h2>
      <div class="stack">{all.map((w) => <WaitingCard key={w.id} w={w} done={(f) => void f().then(look, () => { toast(t('cart.failed'), 'bad'); look(); })} />)}</div>
    </section>
  );
}

function Settings() {
  const market = marketNow();
  return (
    <section class="card set">
      <div class="fld"><span class="lb">{t('me.lang')}</span>
        <div class="seg" role="group" aria-label={t('me.lang')}>{langs.map((l) => <button key={l} type="button" lang={htmlLang(l)} aria-pressed={lang.value === l} onClick={() => void chooseLang(l)}>{langNames[l]}</button>)}</div></div>
      {session.value?.viewer && (
        <div class="fld"><span class="lb">{t('me.market')}</span>
          <div class="seg" role="group" aria-label={t('me.market')}>{markets.map((m) => <button key={m} type="button" aria-pressed={market === m} data-testid={`market-${m}`} onClick={() => void setMarket(m)}>{t(`me.market.${m}`)}</button>)}</div></div>
      )}
    </section>
  );
}

/** `/me`: who one is here, what was ordered, what one waits for. */
export function MePage() {
  useEffect(() => {
    if (!session.value) loadSession().catch(() => undefined);
  }, []);
  const shop = lastShop();
  const market = marketNow();
  const who = session.value?.viewer?.id ?? null;
  useEffect(() => {
    if (shop && who) void readCart(shop, market);
  }, [shop, market, who]);
  return (
    <Page title={t('me.title')} testId="me" end={shop ? <CartLink shop={shop} /> : undefined}>
      <Person />
      <section><h2 class="sec">{t('me.orders')}</h2><Orders /></section>
      <Waits />
      <Tabs />
      <Settings />
      <Foot />
    </Page>
  );
}
