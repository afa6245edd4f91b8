import type { Order } from '../api/buy.ts';
import type { Payment } from '../api/pay.ts';
import { Price, Ring } from '../shop/bits.tsx';
import { timeText } from '../shop/day.ts';
import { moneyText } from '../shop/money.ts';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toast.tsx';
import type { PayCtrl } from './ctrl.ts';
import { savePicture } from './picture.ts';
import { tp } from './strings.ts';
import { endOf } from './ways.ts';

const size = 248;

function Over({ ctrl, o, p }: { ctrl: PayCtrl; o: Order; p: Payment }) {
  return (
    <section class="card payover" data-testid="qr-over" role="status">
      <b class="row"><Icon name="clock" />{tp('qr.over')}</b>
      <p class="sm t2">{tp('qr.of', { shop: o.shop.name })} <span class="num nw">{o.no}</span></p>
      <p data-testid="amount"><Price of={p.amount} /></p>
      {o.pay_until !== null && <p class="sm">{tp('held', { t: timeText(o.pay_until, o.market) })}</p>}
      <p class="sm t2">{tp('qr.overText')}</p>
      <button type="button" class="btn pri wide" data-testid="new-qr" onClick={() => void ctrl.begin(p.method)}>{tp('qr.again')}</button>
      <button type="button" class="btn wide" data-testid="other-way" onClick={() => ctrl.choose()}>{tp('other')}</button>
    </section>
  );
}

/** A picture for the bank's app: amount, clock, a way to keep it. */
export function QrPanel({ ctrl, o, p }: { ctrl: PayCtrl; o: Order; p: Payment }) {
  const url = p.details.qr ?? '';
  const end = endOf(p);
  if (ctrl.expired.value) return <Over ctrl={ctrl} o={o} p={p} />;
  const save = (): void => {
    void savePicture(url, `${o.no}`, `${o.shop.name} ${moneyText(p.amount)}`).then((ok) => toast(tp(ok ? 'qr.saved' : 'qr.hold'), ok ? 'ok' : 'plain'));
  };
  return (
    <>
      <section class="card payqr" data-testid="pay-qr">
        <div class="qr-band"><Icon name="qr" size={22} /><b>PromptPay</b><span class="end xs">{tp('qr.band')}</span></div>
        <p class="sm t2 qr-what">{tp('qr.amount')}</p>
        <div class="qr-amount" data-testid="amount"><Price of={p.amount} /></div>
        <div class="qr-box"><img src={url} width={size} height={size} alt={tp('qr.alt', { amount: moneyText(p.amount) })} data-testid="qr" /></div>
        <p class="sm t2">{tp('qr.of', { shop: o.shop.name })} <span class="num">{o.no}</span></p>
        <div class="perf" />
        {end !== null && <p class="row qr-left"><Ring until={end} whole={end - p.created_at} /><span class="sm t2">{tp('qr.left')}</span></p>}
      </section>
      <Waiting ctrl={ctrl} />
      <div class="row two-b">
        <button type="button" class="btn grow" data-testid="save-qr" onClick={save}><Icon name="download" />{tp('qr.save')}</button>
        <button type="button" class="btn grow" data-testid="other-way" onClick={() => ctrl.choose()}><Icon name="card" />{tp('other')}</button>
      </div>
      <ol class="how">
        {[tp('qr.step1'), tp('qr.step2'), tp('qr.step3')].map((s, i) => <li key={s}><span class="stepno" aria-hidden="true">{i + 1}</span><span>{s}</span></li>)}
      </ol>
    </>
  );
}

/** What is being waited for, and that there is nothing to press. `silent`: a gateway that was asked and has not answered. */
export function Waiting({ ctrl, silent = '' }: { ctrl: PayCtrl; silent?: string }) {
  const blind = ctrl.blind.value;
  const title = silent ? tp('wait.silent', { to: silent }) : tp('wait.title');
  const text = tp(silent ? 'wait.silentText' : 'wait.text');
  return (
    <div class="waiting" role="status" data-testid="waiting" data-is={silent ? 'silent' : undefined}>
      <i class="turner" /><div><b>{blind ? tp('wait.blind') : title}</b><div class="sm t2">{blind ? tp('wait.blindText') : text}</div></div>
    </div>
  );
}
