import { useState } from 'preact/hooks';
import { moneyText } from '../../i18n/money.ts';
import { nowMs } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { whenText } from '../../ui/when.ts';
import { shopSlug } from '../shops.ts';
import { wide } from '../wide.ts';
import { getLedger, ledgerCsv } from './api.ts';
import { ListCtrl } from './ctrl.ts';
import { Rows } from './lists.tsx';
import { accountText, kindText } from './marks.tsx';
import { m } from './strings.ts';
import type { Balance, Ledger as LedgerPage, Movement } from './types.ts';

const hashShown = 12;

const owed = new Set(['orders', 'orphans', 'refunds_due']);
/** What was received, and what is owed, stands on the other side of the books: people read it as a sum of its own. */
const asRead = (b: Balance): Balance => (owed.has(b.account) ? { ...b, amount: { ...b.amount, amount: -b.amount.amount } } : b);

/** What each account holds, drawn against the largest of its currency. */
export function Balances({ of }: { of: Balance[] }) {
  const most = (currency: string): number => Math.max(1, ...of.filter((b) => b.amount.currency === currency).map((b) => Math.abs(b.amount.amount)));
  if (of.length === 0) return null;
  return (
    <ul class="funnelbars balances" data-testid="balances">
      {of.map(asRead).map((b) => (
        <li key={`${b.account}${b.amount.currency}`} data-testid="balance" data-account={b.account}>
          <span class="sm">{accountText(b.account)}</span>
          <span class="fbar" aria-hidden="true"><i class={b.amount.amount < 0 ? 'f2' : owed.has(b.account) ? 'f1' : 'f3'} style={{ width: `${(Math.abs(b.amount.amount) / most(b.amount.currency)) * 100}%` }} /></span>
          <b class="num">{moneyText(b.amount)}</b>
        </li>
      ))}
    </ul>
  );
}

export function Movements({ items }: { items: Movement[] }) {
  if (!wide.value) {
    return (
      <ul class="cards">{items.map((e) => (
        <li key={e.no} class="card refcard" data-testid="movement">
          <p class="row"><b class="num">{moneyText(e.amount)}</b><span class="end xs t2">{whenText(e.at, nowMs.value)}</span></p>
          <p class="sm">{kindText(e.kind)}{e.order && <> · <a class="ordlink num" href={`/studio/orders/${e.order}`}>{e.order}</a></>}</p>
          <p class="xs t2">{accountText(e.out_of)} → {accountText(e.into)}</p>
        </li>
      ))}</ul>
    );
  }
  return (
    <div class="card flat"><table class="tbl orderlist">
      <thead><tr><th scope="col" class="r">{m('col.no')}</th><th scope="col">{m('col.at')}</th><th scope="col">{m('col.kind')}</th><th scope="col">{m('col.outOf')}</th><th scope="col">{m('col.into')}</th><th scope="col">{m('col.order')}</th><th scope="col" class="r">{m('col.amount')}</th></tr></thead>
      <tbody>{items.map((e) => (
        <tr key={e.no} data-testid="movement">
          <td class="r num t2" title={e.chain}>{e.no}</td><td class="nw t2">{whenText(e.at, nowMs.value)}</td><td>{kindText(e.kind)}</td>
          <td class="t2">{accountText(e.out_of)}</td><td class="t2">{accountText(e.into)}</td>
          <td>{e.order && <a class="ordlink num" href={`/studio/orders/${e.order}`}>{e.order}</a>}</td><td class="r num">{moneyText(e.amount)}</td>
        </tr>
      ))}</tbody>
    </table></div>
  );
}

/** Every movement of money, and what is in each account now. */
export function Ledger() {
  const [ctrl] = useState(() => new ListCtrl<Movement, LedgerPage>(getLedger));
  const page = ctrl.page.value;
  const { from = '', to = '' } = ctrl.ask.value;
  return (
    <>
      {page && page.balances.length > 0 && <section class="card stack" aria-label={m('ledger.balances')}><h2 class="sec">{m('ledger.balances')}</h2><Balances of={page.balances} /></section>}
      <div class="row wrap tools span">
        <label class="fld"><span class="lb">{m('ledger.from')}</span><input class="inp num" type="date" value={from} data-testid="ledger-from" onChange={(e) => ctrl.choose({ from: e.currentTarget.value })} /></label>
        <label class="fld"><span class="lb">{m('ledger.to')}</span><input class="inp num" type="date" value={to} data-testid="ledger-to" onChange={(e) => ctrl.choose({ to: e.currentTarget.value })} /></label>
        <a class="btn s end" href={ledgerCsv({ shop: shopSlug.value, from, to })} download data-testid="ledger-csv"><Icon name="download" size={18} />CSV</a>
      </div>
      <Rows ctrl={ctrl} empty={m('ledger.none')}>{(items) => <Movements items={items} />}</Rows>
      {page?.head && <p class="xs t2 chainline" title={page.head.chain}>{m('ledger.head', { n: page.head.no })} <code>{page.head.chain.slice(0, hashShown)}</code></p>}
    </>
  );
}
