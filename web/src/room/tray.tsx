import type { Listing } from '../api/sale.ts';
import { Thumb } from '../shop/bits.tsx';
import { t, type Key } from '../shop/strings.ts';
import { Icon, Logo } from '../ui/icon.tsx';
import { Sheet } from '../ui/sheet.tsx';
import type { RoomCtrl } from './ctrl.ts';
import { stubOf, type SaleCtrl, type TrayFilter } from './sale.ts';
import { Goods } from './ticket.tsx';
import './tray.css';

const filters: [TrayFilter, Key][] = [['all', 'tray.all'], ['sale', 'tray.sale'], ['shown', 'tray.shown'], ['coming', 'tray.coming']];

const passes: Record<TrayFilter, (l: Listing) => boolean> = {
  all: () => true,
  sale: (l) => l.claim_open,
  shown: (l) => l.state === 'shown',
  coming: (l) => l.state === 'queued',
};

/** Asks to be told when a listing is shown. */
export function RemindButton({ l, sale, big }: { l: Listing; sale: SaleCtrl; big?: boolean }) {
  const on = sale.reminded.value.has(l.id);
  return (
    <button type="button" class={`btn ${big ? 'pri lg grow' : 's'}`} aria-pressed={on} data-testid="tray-remind" onClick={() => sale.remind(l, !on)}>
      <Icon name={on ? 'check' : 'bell'} size={16} />{t(on ? 'tray.reminded' : 'tray.remind')}
    </button>
  );
}

function Act({ l, sale, over }: { l: Listing; sale: SaleCtrl; over: boolean }) {
  const as = stubOf(l);
  if (over || as === 'closed' && l.state === 'shown') {
    return <button type="button" class="btn s" data-testid="tray-open" onClick={() => { sale.openId.value = l.id; }}>{t('ticket.add')}</button>;
  }
  if (l.state === 'queued' && !l.claim_open) return <RemindButton l={l} sale={sale} />;
  return (
    <button type="button" class={`btn s${as === 'claim' ? ' warmth' : ''}`} disabled={as === 'soon'} data-testid="tray-claim" onClick={() => sale.tap(l)}>
      {t(as === 'claim' ? 'ticket.claim' : as === 'wait' ? 'ticket.wait' : 'ticket.soon')}
    </button>
  );
}

const shownOfHash = 12;

/** The ledger of claims: how many, and the fingerprint of them all, for who wants to check it later. */
function Ledger({ ctrl, over }: { ctrl: RoomCtrl; over: boolean }) {
  const head = ctrl.sale.head.value;
  if (!head || head.n === 0) return null;
  return (
    <p class="xs t2 ledger" title={head.chain}>{t('tray.ledger', { n: head.n })} <code>{head.chain.slice(0, shownOfHash)}</code>
      {over && <a class="link xs" href={`/api/v1/shows/${ctrl.id}/claims.csv`} download>{t('tray.csv')}</a>}</p>
  );
}

/** Every listing of the show in run order. */
export function TrayList({ ctrl }: { ctrl: RoomCtrl }) {
  const { sale } = ctrl;
  const over = ctrl.stage.value !== 'live' && ctrl.stage.value !== 'break' && ctrl.stage.value !== 'countdown';
  const filter = over ? 'all' : sale.filter.value;
  const all = sale.listings.value;
  const shown = all.filter(passes[filter]);
  return (
    <div class="tray">
      {!over && all.length > 3 && (
        <div class="seg" role="group" aria-label={t('tray.filter')}>
          {filters.map(([f, key]) => (
            <button key={f} type="button" aria-pressed={filter === f} data-testid={`tray-${f}`} onClick={() => { sale.filter.value = f; }}>{t(key)}</button>
          ))}
        </div>
      )}
      {shown.length === 0 && <div class="empty"><Logo size={40} /><b>{t('tray.empty')}</b><span class="sm t2">{t('tray.emptyText')}</span></div>}
      <ul>
        {shown.map((l) => (
          <li key={l.id} data-testid="tray-row" data-code={l.code}>
            <button type="button" class="row-main" onClick={() => { sale.openId.value = l.id; }}>
              <Thumb src={l.image} /><Goods l={l} />
            </button>
            <span class="tray-acts">
              {sale.pinnedId.value === l.id && !over && <span class="pill ink">{t('tray.now')}</span>}
              <Act l={l} sale={sale} over={over} />
            </span>
          </li>
        ))}
      </ul>
      <Ledger ctrl={ctrl} over={over} />
    </div>
  );
}

export function TraySheet({ ctrl }: { ctrl: RoomCtrl }) {
  return (
    <Sheet title={t('tray.title')} close={() => { ctrl.panel.value = null; }} testId="tray-sheet">
      <TrayList ctrl={ctrl} />
    </Sheet>
  );
}
