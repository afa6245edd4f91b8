import { useState } from 'preact/hooks';
import { asProblem, type Problem } from '../../api/http.ts';
import { moneyText } from '../../i18n/money.ts';
import { nowMs } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { toast } from '../../ui/toast.tsx';
import { whenText } from '../../ui/when.ts';
import { mayRefund } from '../roles.ts';
import { problemText } from '../say.ts';
import { shop } from '../shops.ts';
import { listRefunds, moveRefund, type RefundMove } from './api.ts';
import { ListCtrl } from './ctrl.ts';
import { Choice, Rows } from './lists.tsx';
import { failText, methodText, reasonText, RefundMark } from './marks.tsx';
import { m } from './strings.ts';
import type { RefundRow } from './types.ts';

type View = 'open' | 'manual' | 'failed' | 'done';
const views: readonly View[] = ['open', 'manual', 'failed', 'done'];
const askOf: Record<View, { state: string; manual: string }> = {
  open: { state: 'open', manual: '' }, manual: { state: 'queued', manual: '1' }, failed: { state: 'failed', manual: '' }, done: { state: 'done', manual: '' },
};

/** Says that it was paid back by hand; what proves it goes into the note. */
function DoneSheet({ r, close, move }: { r: RefundRow; close: () => void; move: (to: RefundMove) => Promise<Problem | null> }) {
  const [note, setNote] = useState('');
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const ready = note.trim() !== '' && !busy;
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    if (!ready) return;
    setBusy(true);
    const p = await move({ state: 'done', note: note.trim() });
    setBusy(false);
    if (p) setFailed(p);
    else close();
  }
  return (
    <Sheet title={m('done.title', { amount: moneyText(r.amount) })} close={close} testId="done-sheet">
      <form class="stack" onSubmit={(e) => void submit(e)}>
        <p class="sm">{m('done.text', { order: r.order, buyer: r.buyer })}</p>
        {r.pay_to && <dl class="sums payto">{Object.entries(r.pay_to).map(([k, v]) => <div key={k}><dt>{m(k === 'bank_code' ? 'done.bank' : 'done.account')}</dt><dd class="num">{v}</dd></div>)}</dl>}
        <label class="fld"><span class="lb">{m('done.note')}</span><input class="inp" value={note} maxLength={200} autoComplete="off" placeholder={m('done.noteHint')} data-autofocus data-testid="done-note" onInput={(e) => setNote(e.currentTarget.value)} /></label>
        {failed && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{problemText(failed)}</span></p>}
        <div class="sheet-acts"><button type="submit" class="btn pri" aria-disabled={!ready} data-testid="done-save">{m('done.save')}</button></div>
      </form>
    </Sheet>
  );
}

/** When the next thing happens, in words. */
function Next({ r }: { r: RefundRow }) {
  if (r.state === 'done' && r.done_at) return <>{m('refund.doneAt', { time: whenText(r.done_at, nowMs.value) })}</>;
  if (r.manual) return <>{m('refund.byHand')}</>;
  if (r.state === 'failed') return <>{r.fail_code ? failText(r.fail_code) : m('refund.refused')}</>;
  if (r.next_at && r.next_at > nowMs.value) return <>{m('refund.nextAt', { time: whenText(r.next_at, nowMs.value) })}</>;
  return <>{m(r.state === 'sent' ? 'refund.asking' : 'refund.soon')}</>;
}

export function RefundCard({ r, after }: { r: RefundRow; after: () => void }) {
  const [asking, setAsking] = useState(false);
  const may = mayRefund(shop.value?.role ?? null);
  async function move(to: RefundMove): Promise<Problem | null> {
    try {
      await moveRefund(r.id, to);
      after();
      return null;
    } catch (e) {
      return asProblem(e);
    }
  }
  const press = (to: RefundMove): void => void move(to).then((p) => { if (p) toast(problemText(p), 'bad'); });
  return (
    <li class="card refcard" data-testid="refund-row" data-refund={r.id} data-state={r.state}>
      <p class="row wrap"><b class="num amt">{moneyText(r.amount)}</b><RefundMark state={r.state} /><span class="end xs t2">{whenText(r.created_at, nowMs.value)}</span></p>
      <p class="sm"><a class="ordlink num" href={`/studio/orders/${r.order}`}>{r.order}</a> · {r.buyer} · {methodText(r.method)}</p>
      <p class="sm t2">{reasonText(r.reason)} · <Next r={r} />{r.note && ` · ${r.note}`}</p>
      {may && (r.can.done || r.can.again || r.can.by_hand) && (
        <div class="row wrap">
          {r.can.done && <button type="button" class="btn s pri" data-testid="refund-done" onClick={() => setAsking(true)}>{m('refund.markDone')}</button>}
          {r.can.again && <button type="button" class="btn s" data-testid="refund-again" onClick={() => press({ state: 'queued' })}>{m('refund.again')}</button>}
          {r.can.by_hand && <button type="button" class="btn s" data-testid="refund-by-hand" onClick={() => press({ state: 'queued', manual: true })}>{m('refund.toHand')}</button>}
        </div>
      )}
      {asking && <DoneSheet r={r} close={() => setAsking(false)} move={move} />}
    </li>
  );
}

/** What goes back: by itself, or by somebody's hand. */
export function Refunds() {
  const [ctrl] = useState(() => new ListCtrl<RefundRow>(listRefunds, askOf.open));
  const [view, setView] = useState<View>('open');
  return (
    <>
      <div class="row wrap tools"><Choice of={views} now={view} name={m('col.state')} text={(v) => m(`refunds.${v}`)} choose={(v) => { setView(v); ctrl.choose(askOf[v]); }} /></div>
      {view === 'manual' && <p class="note"><Icon name="info" size={18} /><span>{m('refunds.manualHint')}</span></p>}
      <Rows ctrl={ctrl} empty={m(view === 'done' ? 'refunds.noneDone' : 'refunds.none')} fine={view !== 'done'}>
        {(items) => <ul class="refcards">{items.map((r) => <RefundCard key={r.id} r={r} after={() => void ctrl.load()} />)}</ul>}
      </Rows>
    </>
  );
}
