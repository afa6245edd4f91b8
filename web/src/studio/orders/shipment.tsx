import { moneyText } from '../../i18n/money.ts';
import { nowMs } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { whenText } from '../../ui/when.ts';
import { t } from '../strings.ts';
import { getLabel, retryInvoice, shipParcel } from './api.ts';
import type { OrderCtrl } from './one.tsx';
import type { Order, Parcel, Shipment, StaffInvoice } from './types.ts';

const tones: Record<Shipment['state'], string> = { queued: 'info', sent: 'info', made: 'ok', refused: 'bad', closed: 'warn' };

/** Opens the carrier's own label in a window of its own: it has to be posted there. */
function openForm({ action, fields }: { action: string; fields: Record<string, string> }): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = action;
  form.target = '_blank';
  form.rel = 'noopener';
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
  form.remove();
}

/** Where a parcel is with the store's carrier, and the way to hand it over. */
export function ShipmentBox({ ctrl, p }: { ctrl: OrderCtrl; p: Parcel }) {
  const s = p.shipment;
  const home = p.state === 'packing' || p.state === 'packed';
  const may = s ? s.can_ship === true : home;
  return (
    <>
      {s && (
        <p class="row wrap sm" data-testid="shipment" data-state={s.state}>
          <span class={`pill ${tones[s.state]}`}>{t(`ship.${s.state}`)}</span>
          {s.payment_no && <span>{t('ship.no')} <b class="num">{s.payment_no}</b></span>}
          {s.text && <span class="t2">{s.text}</span>}
          {s.at !== null && <span class="xs t2">{whenText(s.at, nowMs.value)}</span>}
        </p>
      )}
      {s?.problem && <p class="note bad" role="status"><Icon name="warn" size={18} /><span>{s.problem}</span></p>}
      {(may || s?.can_label) && (
        <div class="row wrap">
          {may && <button type="button" class="btn s pri" aria-disabled={ctrl.busy.value} data-testid="ship" onClick={() => void ctrl.act(() => shipParcel(p.id))}><Icon name="truck" size={18} />{t('ship.send')}</button>}
          {s?.can_label && <button type="button" class="btn s" data-testid="ship-label" onClick={() => void ctrl.act(async () => openForm(await getLabel(p.id)))}><Icon name="receipt" size={18} />{t('ship.label')}</button>}
        </div>
      )}
    </>
  );
}

const invoiceTones: Record<StaffInvoice['state'], string> = { none: '', queued: 'info', issued: 'ok', void: '', allowance: 'warn', error: 'bad' };

/** The order's e-invoice, and what went wrong with it. */
export function InvoiceBox({ ctrl, o }: { ctrl: OrderCtrl; o: Order }) {
  const i = o.invoice_state;
  if (!i) return null;
  return (
    <section class="card stack" data-testid="invoice-box"><h2 class="sec">{t('inv.title')}</h2>
      <p class="row wrap sm"><span class={`pill ${invoiceTones[i.state]}`} data-testid="invoice-state" data-state={i.state}>{t(`inv.${i.state}`)}</span>
        {i.number && <b class="num">{i.number}</b>}{i.date && <span class="xs t2 num">{i.date}</span>}</p>
      {i.state === 'none' && <p class="xs t2">{t('inv.atShipping')}</p>}
      {(i.allowances ?? []).map((a) => <p key={`${a.at}`} class="row sm"><span class="grow">{t('inv.allowed')} <span class="num">{a.number ?? ''}</span></span><b class="num">{moneyText({ ...a.amount, amount: -a.amount.amount })}</b></p>)}
      {i.problem && <p class="note bad" role="status"><Icon name="warn" size={18} /><span>{i.problem}</span></p>}
      {i.can_retry && i.id && <button type="button" class="btn s" aria-disabled={ctrl.busy.value} data-testid="invoice-retry" onClick={() => void ctrl.act(() => retryInvoice(i.id ?? ''))}>{t('inv.retry')}</button>}
    </section>
  );
}
