import { useRef, useState } from 'preact/hooks';
import type { Listing, Sale } from '../../api/sale.ts';
import { amountText } from '../../i18n/money.ts';
import { Icon } from '../../ui/icon.tsx';
import { Words } from '../../ui/words.tsx';
import { Thumb } from '../products/cells.tsx';
import { t } from '../strings.ts';
import { wide } from '../wide.ts';
import { Code } from './code.tsx';
import type { SaleCtrl } from './ctrl.ts';
import { AddField, LeftMark, leftOf } from './run.tsx';
import './style.css';

const holds = [300, 600, 1800, 86_400, 259_200];

function holdText(s: number): string {
  if (s >= 86_400) return t('hold.days', { n: s / 86_400 });
  return t('hold.minutes', { n: s / 60 });
}

const optionsOf = (l: Listing): string => (l.options.length === 0 ? t('prod.single') : l.options.map((o) => o.values.join('、')).join(' × '));

interface RowProps {
  ctrl: SaleCtrl;
  l: Listing;
  i: number;
  last: number;
  edits: boolean;
  drag: { start: (i: number) => void; over: (i: number) => void; drop: () => void; at: number | null };
}

function Row({ ctrl, l, i, last, edits, drag }: RowProps) {
  const price = (m: 'TW' | 'TH') => {
    const p = l.variants.find((v) => v.prices[m])?.prices[m];
    return p ? <span class="num">{amountText(p)}</span> : <b class="lowleft">{t('prod.noPrice')}</b>;
  };
  return (
    <li class={`ordrow${drag.at === i ? ' at' : ''}`} data-testid="order-row" data-listing={l.id} draggable={edits && wide.value}
      onDragStart={() => drag.start(i)} onDragOver={(e) => { e.preventDefault(); drag.over(i); }} onDrop={(e) => { e.preventDefault(); drag.drop(); }}>
      {edits && wide.value && <span class="grip" aria-hidden="true"><Icon name="drag" size={18} /></span>}
      <Thumb src={l.image} />
      <span class="grow"><span class="row wrap"><Code code={l.code} /><b><Words of={l.title} /></b></span>
        <span class="xs t2 row wrap"><span>{optionsOf(l)}</span><span>NT${price('TW')}</span><span>฿{price('TH')}</span><LeftMark left={leftOf(l)} /></span></span>
      {edits && <span class="row ordacts">
        <button type="button" class="icb" aria-label={t('ord.up', { code: l.code })} aria-disabled={i === 0} data-testid="move-up" onClick={() => void ctrl.move(l.id, i - 1)}><Icon name="up" size={18} /></button>
        <button type="button" class="icb" aria-label={t('ord.down', { code: l.code })} aria-disabled={i === last} data-testid="move-down" onClick={() => void ctrl.move(l.id, i + 1)}><Icon name="down" size={18} /></button>
        <button type="button" class="icb" aria-label={t('run.editOf', { code: l.code })} data-testid="listing-edit" onClick={() => { ctrl.panel.value = { is: 'listing', listing: l.id }; }}><Icon name="more" size={18} /></button>
      </span>}
    </li>
  );
}

function Settings({ ctrl, edits }: { ctrl: SaleCtrl; edits: boolean }) {
  const s = ctrl.sale.value;
  const set = (change: Partial<Sale>): void => void ctrl.setSale(change);
  const all = holds.includes(s.hold_s) ? holds : [...holds, s.hold_s].toSorted((a, b) => a - b);
  return (
    <div class="salesettings">
      <label class="fld"><span class="lb">{t('sale.hold')}</span>
        <select class="inp" disabled={!edits} value={s.hold_s} data-testid="hold" onChange={(e) => set({ hold_s: Number(e.currentTarget.value) })}>
          {all.map((h) => <option key={h} value={h}>{holdText(h)}</option>)}
        </select></label>
      <label class="fld"><span class="lb">{t('sale.rule')}</span>
        <select class="inp" disabled={!edits} value={s.claim_rule} data-testid="claim-rule" onChange={(e) => set({ claim_rule: e.currentTarget.value as Sale['claim_rule'] })}>
          {(['guest', 'login', 'paid_before'] as const).map((r) => <option key={r} value={r}>{t(`rule.${r}`)}</option>)}
        </select></label>
      <label class="opt"><input type="checkbox" class="cb" disabled={!edits} checked={s.cancel_ok} data-testid="cancel-ok" onChange={(e) => set({ cancel_ok: e.currentTarget.checked })} /><span class="grow sm">{t('sale.cancelOk')}</span></label>
    </div>
  );
}

/** The run order before the show: what is sold, in which order, and how it is claimed. */
export function RunOrderCard({ ctrl, edits }: { ctrl: SaleCtrl; edits: boolean }) {
  const run = ctrl.run.value;
  const from = useRef<number | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const drag = {
    at,
    start: (i: number): void => { from.current = i; },
    over: (i: number): void => setAt(from.current === null ? null : i),
    drop: (): void => {
      const one = from.current === null ? undefined : run[from.current];
      if (one && at !== null) void ctrl.move(one.id, at);
      from.current = null;
      setAt(null);
    },
  };
  return (
    <section class="card runorder" aria-labelledby="h-order" data-testid="run-order">
      <div class="row wrap"><h2 class="sec" id="h-order">{t('run.title')} <span class="num t2">{run.length}</span></h2></div>
      <Settings ctrl={ctrl} edits={edits} />
      {run.length === 0 ? <p class="sm t2 pad">{t('ord.none')}</p>
        : <ol class="orders" onDragEnd={() => { from.current = null; setAt(null); }}>{run.map((l, i) => <Row key={l.id} ctrl={ctrl} l={l} i={i} last={run.length - 1} edits={edits} drag={drag} />)}</ol>}
      {edits && <AddField ctrl={ctrl} />}
    </section>
  );
}
