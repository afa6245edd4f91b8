import { useEffect, useState } from 'preact/hooks';
import { moneyText } from '../../i18n/money.ts';
import { pick } from '../../i18n/format.ts';
import { nowMs } from '../../ui/clock.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon, Logo } from '../../ui/icon.tsx';
import { useTitle } from '../../ui/title.ts';
import { whenText } from '../../ui/when.ts';
import { Frame, Head } from '../frame.tsx';
import { refresh, shows } from '../list/ctrl.ts';
import { shop } from '../shops.ts';
import { t } from '../strings.ts';
import { wide } from '../wide.ts';
import { filters, OrdersCtrl } from './ctrl.ts';
import { StatusMark } from './marks.tsx';
import type { OrderRow } from './types.ts';
import './style.css';

const pathOf = (o: OrderRow): string => `/studio/orders/${o.no}`;

function Row({ o }: { o: OrderRow }) {
  return (
    <tr data-testid="order-row" data-order={o.no}>
      <td><a class="ordlink num" href={pathOf(o)}>{o.no}</a></td>
      <td>{o.buyer}</td>
      <td class="nw t2">{whenText(o.created_at, nowMs.value)}</td>
      <td class="r num">{o.qty}</td>
      <td class="r num">{moneyText(o.total)}</td>
      <td class="t2">{t(o.delivery === 'cvs' ? 'order.cvs' : 'order.home')}</td>
      <td><StatusMark status={o.status} /></td>
    </tr>
  );
}

function Table({ items }: { items: OrderRow[] }) {
  return (
    <div class="card flat">
      <table class="tbl orderlist">
        <thead><tr><th scope="col">{t('order.no')}</th><th scope="col">{t('order.buyer')}</th><th scope="col">{t('order.at')}</th><th scope="col" class="r">{t('order.qty')}</th>
          <th scope="col" class="r">{t('order.total')}</th><th scope="col">{t('order.delivery')}</th><th scope="col">{t('list.state')}</th></tr></thead>
        <tbody>{items.map((o) => <Row key={o.no} o={o} />)}</tbody>
      </table>
    </div>
  );
}

function Cards({ items }: { items: OrderRow[] }) {
  return (
    <ul class="cards">
      {items.map((o) => (
        <li key={o.no} class="card ordcard" data-testid="order-row" data-order={o.no}>
          <a href={pathOf(o)}>
            <span class="row"><b class="num">{o.no}</b><span class="end"><StatusMark status={o.status} /></span></span>
            <span class="row sm"><span class="grow">{o.buyer} · {t('order.pieces', { n: o.qty })}</span><b class="num">{moneyText(o.total)}</b></span>
            <span class="xs t2">{whenText(o.created_at, nowMs.value)} · {t(o.delivery === 'cvs' ? 'order.cvs' : 'order.home')}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Body({ ctrl }: { ctrl: OrdersCtrl }) {
  const items = ctrl.items.value;
  if (!items) {
    if (ctrl.failed.value) return <ErrorBox cause={ctrl.failed.value} retry={() => void ctrl.load()} />;
    return <div class="card flat" aria-hidden="true">{[1, 2, 3, 4].map((n) => <div key={n} class="row skrow"><span class="sk b" /><span class="sk c" /></div>)}</div>;
  }
  if (items.length === 0) {
    const all = ctrl.filter.value === 'all' && !ctrl.q.value.trim() && !ctrl.show.value;
    return <div class="card empty" data-testid="empty"><Logo size={40} /><b>{t(all ? 'order.emptyTitle' : 'list.emptyFilter')}</b>{all && <span class="sm t2">{t('order.emptyText')}</span>}</div>;
  }
  return (
    <>
      {ctrl.failed.value && <p class="note warn stale" role="status"><Icon name="signal" size={18} /><span>{t('list.stale')}</span></p>}
      {wide.value ? <Table items={items} /> : <Cards items={items} />}
      {ctrl.next.value && <button type="button" class="btn wide morebtn" onClick={() => void ctrl.load(true)}>{t('more')}</button>}
    </>
  );
}

/** Which show: also used where things are packed. */
export function ShowPick({ value, set }: { value: string; set: (id: string) => void }) {
  useEffect(() => {
    if (!shows.value) void refresh();
  }, []);
  const sold = (shows.value ?? []).filter((s) => s.live_started_at !== null);
  return (
    <label class="inp showpick"><Icon name="cal" size={18} /><span class="vh">{t('order.show')}</span>
      <select value={value} data-testid="pick-show" onChange={(e) => set(e.currentTarget.value)}>
        <option value="">{t('order.allShows')}</option>
        {sold.map((s) => <option key={s.id} value={s.id}>{pick(s.title).text}</option>)}
      </select>
    </label>
  );
}

export function OrderList() {
  useTitle(t('nav.orders'));
  const [ctrl] = useState(() => new OrdersCtrl());
  useEffect(() => {
    void ctrl.load();
    return () => ctrl.stop();
  }, [ctrl, shop.value?.shop.id]);
  return (
    <Frame at="orders">
      <Head title={t('nav.orders')} />
      <div class="row wrap tools">
        <label class="inp find"><Icon name="search" size={18} />
          <input type="search" aria-label={t('order.find')} placeholder={t('order.findHint')} value={ctrl.q.value} maxLength={40} autoComplete="off" data-testid="order-search" onInput={(e) => ctrl.search(e.currentTarget.value)} /></label>
        <ShowPick value={ctrl.show.value} set={(id) => ctrl.choiceOfShow(id)} />
        <div class="seg" role="group" aria-label={t('order.filter')}>
          {filters.map((f) => <button key={f} type="button" aria-pressed={ctrl.filter.value === f} data-testid={`orders-${f}`} onClick={() => ctrl.choose(f)}>{t(`orders.${f}`)}</button>)}
        </div>
      </div>
      <Body ctrl={ctrl} />
    </Frame>
  );
}
