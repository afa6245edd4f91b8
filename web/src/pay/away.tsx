import { useEffect, useRef } from 'preact/hooks';
import type { Order } from '../api/buy.ts';
import type { Next } from '../api/pay.ts';
import { timeText } from '../shop/day.ts';
import { Icon } from '../ui/icon.tsx';
import { Phrase } from '../ui/words.tsx';
import { appNames, outside, type InApp } from '../ui/inapp.ts';
import { Copy } from './copy.tsx';
import type { PayCtrl } from './ctrl.ts';
import { leave } from './leave.ts';
import { payPath } from './path.ts';
import { tp } from './strings.ts';
import { wayName } from './ways.ts';

/** Whose page comes next: the gateway's, or the bank's or wallet's that it leads to. */
export function toWhom(method: string): string {
  if (method.startsWith('ecpay_')) return tp('to.ecpay');
  return method === 'omise_card' || method === 'omise_promptpay' ? tp('to.omise') : wayName(method);
}

interface AwayProps {
  o: Order;
  method: string;
  next: Extract<Next, { kind: 'form' | 'redirect' }>;
}

/** Goes on to the gateway by itself, and by a button where the browser holds it back. */
export function Away({ o, method, next }: AwayProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (form.current) leave.by(form.current);
    else if (next.kind === 'redirect') leave.to(next.url);
  }, [next]);
  const to = toWhom(method);
  return (
    <section class="card away" data-testid="pay-away">
      <i class="turner large" aria-hidden="true" />
      <h2 role="status"><Phrase of={tp('away.title', { to })} /></h2>
      <p class="sm t2"><Phrase of={tp('away.text')} /></p>
      {next.kind === 'form'
        ? (
          <form ref={form} method="post" action={next.action} acceptCharset="utf-8">
            {Object.entries(next.fields).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />)}
            <button type="submit" class="btn pri wide" data-testid="away-go">{tp('away.go')}</button>
          </form>
        )
        : <a class="btn pri wide" data-testid="away-go" href={next.url}>{tp('away.go')}</a>}
      {o.pay_until !== null && <p class="sm">{tp('held', { t: timeText(o.pay_until, o.market) })}</p>}
      <p class="note"><Icon name="lock" size={18} /><span>{tp('away.safe', { to })}</span></p>
    </section>
  );
}

/** Inside another app's browser: out of it first, before anything is begun. */
export function OutOfApp({ ctrl, app, method }: { ctrl: PayCtrl; app: InApp; method: string }) {
  const here = location.origin + payPath(ctrl.no, ctrl.secret, method);
  const link = ctrl.secret ? outside(here, app, navigator.userAgent) : null;
  return (
    <section class="card away" data-testid="out-of-app">
      <Icon name="ext" size={34} />
      <h2><Phrase of={tp('inapp.title')} /></h2>
      <p class="sm t2">{tp('inapp.text', { app: app && app !== 'webview' ? appNames[app] : '' })}</p>
      {link && <a class="btn pri wide" target="_self" rel="external" href={link} data-testid="open-in-browser">{tp('inapp.go')}</a>}
      {!link && ctrl.secret && <p class="sm">{tp('inapp.by')} <Copy text={here} what={tp('inapp.link')} label={tp('inapp.copy')} /></p>}
      <button type="button" class="btn wide" data-testid="stay-in-app" onClick={() => void ctrl.stay(method)}>{tp('inapp.stay')}</button>
    </section>
  );
}
