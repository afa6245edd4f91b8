import { useEffect, useState } from 'preact/hooks';
import { asProblem, call, type Problem } from '../../api/http.ts';
import type { Market, Role } from '../../api/types.ts';
import { amountField, parseAmount, symbolOf } from '../../i18n/money.ts';
import { nowMs } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { toast } from '../../ui/toast.tsx';
import { useTitle } from '../../ui/title.ts';
import { whenText } from '../../ui/when.ts';
import { Frame, Head } from '../frame.tsx';
import { problemText } from '../say.ts';
import { shop, shopSlug } from '../shops.ts';
import { t } from '../strings.ts';
import '../orders/style.css';
import './style.css';

interface ShopMarket {
  market: Market;
  currency: string;
  active: boolean;
  ship_home: number;
  ship_cvs: number | null;
  free_over: number | null;
  cod: boolean;
  version: number;
}

interface Person {
  id: string;
  name: string;
  email: string;
  role: Role;
  you: boolean;
}

interface AuditRow {
  id: string;
  at: number;
  actor: { id: string; name: string } | null;
  action: string;
  object: string;
}

const inShop = (): string => `?shop=${encodeURIComponent(shopSlug.value)}`;
const tell = (e: unknown): void => {
  const p = asProblem(e);
  toast(p.code === 'input' ? p.message : problemText(p), 'bad');
};

type Fee = 'ship_home' | 'ship_cvs' | 'free_over';
const fees: readonly Fee[] = ['ship_home', 'ship_cvs', 'free_over'];

function MarketCard({ m, put }: { m: ShopMarket; put: (m: ShopMarket) => void }) {
  const text = (n: number | null): string => (n === null ? '' : amountField({ amount: n, currency: m.currency }));
  const [typed, setTyped] = useState<Record<Fee, string>>({ ship_home: text(m.ship_home), ship_cvs: text(m.ship_cvs), free_over: text(m.free_over) });
  const value = (f: Fee): number | null => (typed[f].trim() ? parseAmount(typed[f], m.currency) : null);
  const wrong = (f: Fee): boolean => (typed[f].trim() ? value(f) === null : f === 'ship_home');
  const dirty = fees.some((f) => typed[f] !== text(m[f]));
  async function save(change: Partial<ShopMarket>): Promise<void> {
    try {
      put(await call<ShopMarket>('PATCH', `/shop-markets/${m.market}${inShop()}`, { body: change, version: m.version }));
      toast(t('form.saved'), 'ok');
    } catch (e) {
      tell(e);
    }
  }
  return (
    <section class="card stack" data-testid={`market-${m.market}`}>
      <div class="row"><h2 class="sec">{t(`market.${m.market}`)}</h2><label class="row end sm switch"><input type="checkbox" class="cb" checked={m.active} data-testid="market-active" onChange={(e) => void save({ active: e.currentTarget.checked })} />{t('markets.active')}</label></div>
      <div class="fees">{fees.filter((f) => f !== 'ship_cvs' || m.market === 'TW').map((f) => (
        <label key={f} class="fld"><span class="lb">{t(`markets.${f}`, { currency: symbolOf(m.currency) })}</span><input class={`inp num${wrong(f) ? ' err' : ''}`} inputMode="decimal" value={typed[f]} aria-invalid={wrong(f)} autoComplete="off" data-testid={f} onInput={(e) => setTyped({ ...typed, [f]: e.currentTarget.value })} /></label>
      ))}</div>
      <label class="row sm switch"><input type="checkbox" class="cb" checked={m.cod} data-testid="market-cod" onChange={(e) => void save({ cod: e.currentTarget.checked })} />{t('markets.cod')}</label>
      {dirty && <button type="button" class="btn s pri" aria-disabled={fees.some(wrong)} data-testid="market-save" onClick={() => { if (!fees.some(wrong)) void save({ ship_home: value('ship_home') ?? 0, ship_cvs: value('ship_cvs'), free_over: value('free_over') }); }}>{t('form.save')}</button>}
    </section>
  );
}

function Markets() {
  const [all, setAll] = useState<ShopMarket[]>([]);
  useEffect(() => {
    call<{ items: ShopMarket[] }>('GET', `/shop-markets${inShop()}`).then((got) => setAll(got.items), tell);
  }, [shopSlug.value]);
  return <div class="stack">{all.map((m) => <MarketCard key={`${m.market}${m.version}`} m={m} put={(n) => setAll(all.map((x) => (x.market === n.market ? n : x)))} />)}</div>;
}

const roles: readonly Role[] = ['owner', 'manager', 'host', 'moderator', 'packer'];

function Staff() {
  const [all, setAll] = useState<Person[]>([]);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('moderator');
  const [failed, setFailed] = useState<Problem | null>(null);
  const load = (): void => {
    call<{ items: Person[] }>('GET', `/staff${inShop()}`).then((got) => setAll(got.items), (e: unknown) => setFailed(asProblem(e)));
  };
  useEffect(load, [shopSlug.value]);
  async function set(mail: string, to: Role): Promise<void> {
    setFailed(null);
    try {
      await call('POST', `/staff${inShop()}`, { body: { email: mail, role: to } });
      setEmail('');
      load();
    } catch (e) {
      setFailed(asProblem(e));
    }
  }
  const drop = (p: Person): void => void call('DELETE', `/staff/${p.id}${inShop()}`).then(load, tell);
  return (
    <section class="card stack" data-testid="staff"><h2 class="sec">{t('staff.title')}</h2>
      <ul class="people">{all.map((p) => (
        <li key={p.id} class="row wrap" data-testid="staff-row"><span class="grow"><b class="sm">{p.name}{p.you && ` (${t('staff.you')})`}</b><span class="xs t2">{p.email}</span></span>
          <label class="inp pickrole"><span class="vh">{t('staff.roleOf', { name: p.name })}</span><select value={p.role} disabled={p.you} onChange={(e) => void set(p.email, e.currentTarget.value as Role)}>{roles.map((r) => <option key={r} value={r}>{t(`role.${r}` as 'role.owner')}</option>)}</select></label>
          {!p.you && <button type="button" class="btn s ghost danger" data-testid="staff-drop" onClick={() => drop(p)}>{t('staff.drop')}</button>}</li>
      ))}</ul>
      <form class="row wrap addstaff" onSubmit={(e) => { e.preventDefault(); if (email.trim()) void set(email.trim(), role); }}>
        <label class="fld grow"><span class="lb">{t('staff.email')}</span><input class="inp" type="email" value={email} autoComplete="off" data-testid="staff-email" onInput={(e) => setEmail(e.currentTarget.value)} /></label>
        <label class="fld"><span class="lb">{t('staff.role')}</span><select class="inp" value={role} data-testid="staff-role" onChange={(e) => setRole(e.currentTarget.value as Role)}>{roles.map((r) => <option key={r} value={r}>{t(`role.${r}` as 'role.owner')}</option>)}</select></label>
        <button type="submit" class="btn pri" data-testid="staff-add">{t('staff.add')}</button>
      </form>
      {failed && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{failed.status === 404 ? t('staff.unknown') : failed.status === 409 ? t('staff.lastOwner') : problemText(failed)}</span></p>}
    </section>
  );
}

const audited = [
  'show.create', 'show.edit', 'show.cancel', 'show.archive', 'show.go_live', 'show.end', 'chat.mode',
  'message.hide', 'message.show', 'message.pin', 'message.unpin', 'sanction.create', 'sanction.end', 'listing.add',
  'listing.edit', 'listing.remove', 'listing.pin', 'listing.unpin', 'listing.order', 'claim.window', 'claim.assist',
  'claim.reduce', 'review.accept', 'review.dismiss', 'deal.create', 'deal.start', 'deal.close', 'deal.cancel',
  'coupon.create', 'coupon.edit', 'coupon.drop', 'giveaway.create', 'giveaway.open', 'giveaway.freeze', 'giveaway.draw',
  'giveaway.cancel', 'product.create', 'product.edit', 'product.delete', 'product.import', 'stock.adjust', 'category.create',
  'category.edit', 'category.delete', 'order.cancel', 'order.refund', 'order.note', 'order.assist', 'parcel.make',
  'parcel.edit', 'refund.set', 'return.set', 'bill.make', 'bill.remind', 'market.edit', 'staff.set',
  'staff.ingest',
] as const;
const actText = (action: string): string => {
  const known = audited.find((a) => a === action);
  return known ? t(`act.${known}`) : action;
};

/** Where the thing that was changed is to be seen, if it has a page. */
function pathOf(object: string): string | null {
  if (object.startsWith('shw_')) return `/studio/shows/${object}`;
  if (object.startsWith('prd_')) return `/studio/products/${object}`;
  return /^[A-Z]\d{6}-\d{4,8}$/.test(object) ? `/studio/orders/${object}` : null;
}

function AuditLine({ a }: { a: AuditRow }) {
  const path = pathOf(a.object);
  return (
    <li class="row" data-testid="audit-row"><span class="grow"><b class="sm">{actText(a.action)}</b><span class="xs t2">{a.actor?.name ?? t('audit.system')} · {whenText(a.at, nowMs.value)}</span></span>
      {path ? <a class="ordlink xs num" href={path}>{a.object}</a> : <span class="xs t2 num">{a.object}</span>}</li>
  );
}

function Audit() {
  const [all, setAll] = useState<AuditRow[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const load = (cursor?: string): void => {
    call<{ items: AuditRow[]; next: string | null }>('GET', `/audit${inShop()}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`).then((got) => {
      setAll((was) => (cursor ? [...was, ...got.items] : got.items));
      setNext(got.next);
    }, tell);
  };
  useEffect(() => load(), [shopSlug.value]);
  return (
    <section class="card" data-testid="audit"><h2 class="sec">{t('audit.title')}</h2>
      <ul class="people">{all.map((a) => <AuditLine key={a.id} a={a} />)}</ul>
      {next && <button type="button" class="btn s wide" onClick={() => load(next)}>{t('more')}</button>}
    </section>
  );
}

const tabs = ['markets', 'staff', 'audit'] as const;

/** How the shop sells, who works in it, what they did. */
export function Settings() {
  useTitle(t('nav.settings'));
  const [at, setAt] = useState<(typeof tabs)[number]>('markets');
  const role = shop.value?.role ?? null;
  const may = { markets: true, staff: role === 'owner', audit: role === 'owner' || role === 'manager' };
  return (
    <Frame at="settings">
      <Head title={t('nav.settings')} sub={shop.value?.shop.name} />
      <div class="seg filter" role="group" aria-label={t('nav.settings')}>{tabs.filter((x) => may[x]).map((x) => <button key={x} type="button" aria-pressed={at === x} data-testid={`set-${x}`} onClick={() => setAt(x)}>{t(`set.${x}`)}</button>)}</div>
      <div hidden={at !== 'markets'}><Markets /></div>
      {at === 'staff' && <Staff />}
      {at === 'audit' && <Audit />}
    </Frame>
  );
}
