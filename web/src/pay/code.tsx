import type { ComponentChildren } from 'preact';
import type { Payment } from '../api/pay.ts';
import { Price, spanText } from '../shop/bits.tsx';
import { dueText } from '../shop/day.ts';
import { nowMs } from '../ui/clock.ts';
import { Icon } from '../ui/icon.tsx';
import { Barcode } from './bars.tsx';
import { Copy } from './copy.tsx';
import { tp } from './strings.ts';
import { endOf, iconOf, wayName } from './ways.ts';

// Banks at which ECPay opens accounts, by the number that an ATM asks for.
const banks: Record<string, string> = {
  '004': '臺灣銀行', '005': '土地銀行', '007': '第一銀行', '012': '台北富邦', '013': '國泰世華', '808': '玉山銀行', '809': '凱基銀行', '812': '台新銀行',
  '118': '板信銀行', '822': '中國信託',
};

/** In fours, as one reads it to an ATM. */
export const inFours = (digits: string): string => digits.replace(/(.{4})(?=.)/g, '$1 ');

function Line({ label, children, copy }: { label: string; children: ComponentChildren; copy?: string | undefined }) {
  return (
    <div class="cd-l">
      <span class="grow"><span class="xs t2">{label}</span>{children}</span>
      {copy !== undefined && <Copy text={copy} what={label} />}
    </div>
  );
}

function How({ p }: { p: Payment }) {
  if (p.details.account) return tp('code.atm');
  return tp(p.details.code ? 'code.cvs' : 'code.barcode');
}

/** The number to pay with, until when, and where: for later, on another screen, at a machine. */
export function CodePanel({ p, market, again }: { p: Payment; market: string; again?: (() => void) | undefined }) {
  const d = p.details;
  const end = endOf(p);
  const over = p.state === 'expired' || (end !== null && end <= nowMs.value);
  if (over) {
    return (
      <section class="card payover" data-testid="code-over">
        <b class="row"><Icon name="clock" />{tp('code.over')}</b>
        <p class="sm t2">{tp('code.overText')}</p>
        {again && <button type="button" class="btn pri wide" data-testid="new-code" onClick={again}>{tp('code.again')}</button>}
      </section>
    );
  }
  return (
    <section class="card cd" data-testid="pay-code">
      <h2 class="row"><Icon name={iconOf(p.method)} size={22} />{wayName(p.method)}</h2>
      <Line label={tp('code.amount')} copy={d.account && String(p.amount.amount)}><span data-testid="amount"><Price of={p.amount} size="xl" /></span></Line>
      {d.bank_code && <Line label={tp('code.bank')} copy={d.bank_code}><span><b class="num cd-n">{d.bank_code}</b> <span lang="zh-Hant-TW">{banks[d.bank_code] ?? ''}</span></span></Line>}
      {d.account && <Line label={tp('code.account')} copy={d.account}><b class="num cd-n" data-testid="code-number">{inFours(d.account)}</b></Line>}
      {d.code && <Line label={tp('code.no')} copy={d.code}><b class="num cd-n" data-testid="code-number">{inFours(d.code)}</b></Line>}
      {d.barcodes && <div class="bcs" data-testid="barcodes">{d.barcodes.map((b) => <Barcode key={b} text={b} />)}</div>}
      {end !== null && (
        <Line label={tp('code.until')}>
          <span><b class="cd-due" data-testid="code-due">{dueText(end, market)}</b> <span class="sm t2">{tp('code.left', { t: spanText(end - nowMs.value) })}</span></span>
        </Line>
      )}
      <div class="perf" />
      <p class="sm"><How p={p} /></p>
      <p class="sm t2 keep"><Icon name="receipt" size={18} /><span>{tp('code.keep')}</span></p>
    </section>
  );
}
