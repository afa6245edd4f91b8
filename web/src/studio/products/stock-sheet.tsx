import { useEffect, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../../api/http.ts';
import { Icon } from '../../ui/icon.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { toast } from '../../ui/toast.tsx';
import { nowMs } from '../../ui/clock.ts';
import { whenText } from '../../ui/when.ts';
import { problemText } from '../say.ts';
import { t } from '../strings.ts';
import { changeStock, listMoves } from './api.ts';
import type { Product, StockMove, Variant } from './types.ts';

const reasons = ['restock', 'adjust', 'return'] as const;
const signed = (n: number): string => (n > 0 ? `+${n}` : n < 0 ? `\u2212${-n}` : '0');

function Moves({ moves }: { moves: StockMove[] }) {
  return (
    <ul class="moves" tabIndex={0} aria-label={t('stock.ledger')} data-testid="moves">
      {moves.map((m) => (
        <li key={m.id}>
          <b class="num">{signed(m.d_total === 0 ? -m.d_held : m.d_total)}</b>
          <span class="grow">{t(`move.${m.reason}`)}{m.by && <span class="t2"> · {m.by}</span>}</span>
          <span class="xs t2">{whenText(m.at, nowMs.value)}</span>
        </li>
      ))}
    </ul>
  );
}

/** One variant's units: change them with a reason, and see every change there was. */
export function StockSheet({ variant, close, changed }: { variant: Variant; close: () => void; changed: (p: Product) => void }) {
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState<(typeof reasons)[number]>('restock');
  const [moves, setMoves] = useState<StockMove[]>([]);
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    listMoves(variant.id).then((got) => setMoves(got.items), (e: unknown) => setFailed(asProblem(e)));
  }, [variant.id, variant.stock_total]);
  const clean = typed.normalize('NFKC').replace(/[\u2212－]/g, '-').trim();
  const delta = /^[+-]?\d{1,7}$/.test(clean) ? Number(clean) : null;
  async function save(e: Event): Promise<void> {
    e.preventDefault();
    if (!delta || busy) return;
    setBusy(true);
    setFailed(null);
    try {
      changed(await changeStock(variant.id, delta, reason));
      setTyped('');
      toast(t('stock.done'), 'ok');
    } catch (err) {
      setFailed(asProblem(err));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Sheet title={variant.options.join(' ') || t('stock.title')} close={close} testId="stock-sheet">
      <dl class="figs">
        <div><dt>{t('stock.total')}</dt><dd class="num" data-testid="stock-total">{variant.stock_total}</dd></div>
        <div><dt>{t('stock.held')}</dt><dd class="num">{variant.stock_held}</dd></div>
        <div><dt>{t('stock.free')}</dt><dd class="num">{variant.stock_total - variant.stock_held}</dd></div>
      </dl>
      <form onSubmit={(e) => void save(e)}>
        <div class="seg" role="group" aria-label={t('stock.reason')}>
          {reasons.map((r) => <button key={r} type="button" aria-pressed={reason === r} onClick={() => setReason(r)}>{t(`move.${r}`)}</button>)}
        </div>
        <label class="fld"><span class="lb">{t('stock.delta')}</span>
          <input class="inp num" data-autofocus inputMode="text" autoComplete="off" placeholder="+10" value={typed} data-testid="stock-delta" onInput={(e) => setTyped(e.currentTarget.value)} />
        </label>
        {delta !== null && delta !== 0 && <p class="xs t2">{t('stock.will', { n: variant.stock_total + delta })}</p>}
        {failed && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{failed.status === 409 ? t('stock.underHeld', { n: variant.stock_held }) : problemText(failed)}</span></p>}
        <div class="sheet-acts"><button type="submit" class="btn pri" aria-disabled={!delta || busy} data-testid="stock-save">{t('stock.save')}</button></div>
      </form>
      <h3 class="sec">{t('stock.ledger')}</h3>
      <Moves moves={moves} />
    </Sheet>
  );
}
