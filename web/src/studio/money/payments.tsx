import { useState } from 'preact/hooks';
import { moneyText } from '../../i18n/money.ts';
import { nowMs } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { whenText } from '../../ui/when.ts';
import { wide } from '../wide.ts';
import { listPayments } from './api.ts';
import { ListCtrl } from './ctrl.ts';
import { Choice, Rows } from './lists.tsx';
import { failText, methodText, PayMark } from './marks.tsx';
import { m } from './strings.ts';
import type { PaymentRow } from './types.ts';

const states = ['all', 'pending', 'paid', 'failed', 'expired', 'orphaned', 'refunded'] as const;
const pathOf = (p: PaymentRow): string => `/studio/money/payments/${p.id}`;

function Row({ p }: { p: PaymentRow }) {
  return (
    <tr class="goes" data-testid="payment-row" data-payment={p.id} onClick={() => go(pathOf(p))}>
      <td><a class="ordlink num" href={pathOf(p)}>{p.order}</a></td>
      <td>{methodText(p.method)}{p.simulated && <> <span class="pill warn">{m('pay.simulated')}</span></>}</td>
      <td class="nw t2">{whenText(p.created_at, nowMs.value)}</td>
      <td>{p.buyer}</td>
      <td class="r num">{moneyText(p.amount)}{p.refunded.amount > 0 && <span class="xs t2 sub">{moneyText({ ...p.refunded, amount: -p.refunded.amount })}</span>}</td>
      <td><PayMark state={p.state} />{p.fail_code && <span class="xs t2 sub">{failText(p.fail_code)}</span>}</td>
    </tr>
  );
}

function Table({ items }: { items: PaymentRow[] }) {
  return (
    <div class="card flat"><table class="tbl orderlist">
      <thead><tr><th scope="col">{m('col.order')}</th><th scope="col">{m('col.method')}</th><th scope="col">{m('col.at')}</th><th scope="col">{m('col.buyer')}</th><th scope="col" class="r">{m('col.amount')}</th><th scope="col">{m('col.state')}</th></tr></thead>
      <tbody>{items.map((p) => <Row key={p.id} p={p} />)}</tbody>
    </table></div>
  );
}

function Cards({ items }: { items: PaymentRow[] }) {
  return (
    <ul class="cards">{items.map((p) => (
      <li key={p.id} class="card ordcard" data-testid="payment-row" data-payment={p.id}><a href={pathOf(p)}>
        <span class="row"><b class="num">{moneyText(p.amount)}</b><span class="end"><PayMark state={p.state} /></span></span>
        <span class="sm">{methodText(p.method)}{p.fail_code && ` · ${failText(p.fail_code)}`}</span>
        <span class="xs t2"><span class="num">{p.order}</span> · {p.buyer} · {whenText(p.created_at, nowMs.value)}</span>
      </a></li>
    ))}</ul>
  );
}

/** Every try to pay, newest first. */
export function Payments() {
  const [ctrl] = useState(() => new ListCtrl<PaymentRow>(listPayments));
  const state = ctrl.ask.value.state ?? 'all';
  return (
    <>
      <div class="row wrap tools">
        <label class="inp find"><Icon name="search" size={18} />
          <input type="search" aria-label={m('pay.find')} placeholder={m('pay.findHint')} value={ctrl.ask.value.q ?? ''} maxLength={60} autoComplete="off" data-testid="payment-search" onInput={(e) => ctrl.search(e.currentTarget.value.trim())} /></label>
        <Choice of={states} now={state} name={m('col.state')} text={(s) => m(`pay.${s}`)} choose={(s) => ctrl.choose({ state: s === 'all' ? '' : s })} />
      </div>
      <Rows ctrl={ctrl} empty={m(state === 'all' ? 'pay.empty' : 'pay.emptyFilter')}>{(items) => (wide.value ? <Table items={items} /> : <Cards items={items} />)}</Rows>
    </>
  );
}
