import { useState } from 'preact/hooks';
import { moneyText } from '../../i18n/money.ts';
import { nowMs } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { whenText } from '../../ui/when.ts';
import { listOrphans } from './api.ts';
import { ListCtrl } from './ctrl.ts';
import { Choice, Rows } from './lists.tsx';
import { methodText } from './marks.tsx';
import { RefundCard } from './refunds.tsx';
import { m } from './strings.ts';
import type { Orphan } from './types.ts';

const tones: Record<Orphan['state'], string> = { refunding: 'info', failed: 'bad', by_hand: 'warn', refunded: 'ok' };

function Card({ o, after }: { o: Orphan; after: () => void }) {
  return (
    <li class="card refcard" data-testid="orphan-row" data-state={o.state} data-why={o.why}>
      <p class="row wrap"><b class="num amt">{moneyText(o.amount)}</b><span class={`pill ${tones[o.state]}`}>{m(`orphan.${o.state}`)}</span><span class="end xs t2">{whenText(o.at, nowMs.value)}</span></p>
      <p class="sm"><a class="ordlink num" href={`/studio/money/payments/${o.payment}`}>{o.order}</a> · {methodText(o.method)}</p>
      <p class="sm">{m(`explain.${o.why}`)}</p>
      {o.refund && o.state !== 'refunded' && <ul><RefundCard r={o.refund} after={after} /></ul>}
    </li>
  );
}

/** Money that no order can take, and why: each goes back, by itself or by hand. */
export function Orphans() {
  const [ctrl] = useState(() => new ListCtrl<Orphan>(listOrphans, { open: '1' }));
  const open = ctrl.ask.value.open === '1';
  return (
    <>
      <div class="row wrap tools"><Choice of={['open', 'all'] as const} now={open ? 'open' : 'all'} name={m('col.state')} text={(v) => m(`orphans.${v}`)} choose={(v) => ctrl.choose({ open: v === 'open' ? '1' : '' })} /></div>
      <p class="note"><Icon name="info" size={18} /><span>{m('orphans.hint')}</span></p>
      <Rows ctrl={ctrl} empty={m(open ? 'orphans.none' : 'orphans.never')} fine>
        {(items) => <ul class="refcards">{items.map((o) => <Card key={o.payment} o={o} after={() => void ctrl.load()} />)}</ul>}
      </Rows>
    </>
  );
}
