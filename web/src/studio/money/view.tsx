import { useEffect, useState } from 'preact/hooks';
import { count } from '../../i18n/format.ts';
import { nowMs } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { useTitle } from '../../ui/title.ts';
import { whenText } from '../../ui/when.ts';
import { Frame, Head } from '../frame.tsx';
import { shop, shopSlug } from '../shops.ts';
import { getFigures } from './api.ts';
import { Ledger } from './ledger.tsx';
import { Orphans } from './orphans.tsx';
import { Payments } from './payments.tsx';
import { Refunds } from './refunds.tsx';
import { m } from './strings.ts';
import type { Figures } from './types.ts';
import '../orders/style.css';
import '../report/style.css';
import './style.css';

const tabs = { payments: Payments, refunds: Refunds, orphans: Orphans, ledger: Ledger };
type Tab = keyof typeof tabs;
const names = Object.keys(tabs) as Tab[];
const lookMs = 15_000;

function Fig({ name, n, hint, bad, id }: { name: string; n: number | null; hint: string; bad?: boolean; id: string }) {
  return <div class={bad ? 'alarm' : ''}><dt>{name}</dt><dd class="num" data-testid={id}>{n === null ? '–' : count(n)}</dd><dd class="xs t2">{hint}</dd></div>;
}

/** What wants a person now: anything but zero in the last two is marked. */
function Strip({ f }: { f: Figures }) {
  const wants = f.refunds.failed + f.refunds.manual;
  return (
    <dl class="figs strip moneyfigs" data-testid="figures">
      <Fig id="fig-pending" name={m('fig.pending')} n={f.payments.pending} hint={m('fig.paidToday', { n: count(f.payments.paid_today) })} />
      <Fig id="fig-refunds" name={m('fig.refunds')} n={f.refunds.queued - f.refunds.manual + f.refunds.sent} hint={m('fig.refundsHint')} />
      <Fig id="fig-hands" name={m('fig.hands')} n={wants} hint={m('fig.handsHint', { failed: count(f.refunds.failed) })} bad={wants > 0} />
      <Fig id="fig-orphans" name={m('fig.orphans')} n={f.orphans.open} hint={m('fig.orphansHint')} bad={f.orphans.open > 0} />
      <Fig id="fig-differences" name={m('fig.differences')} n={f.differences} hint={f.checked_at ? m('fig.checked', { time: whenText(f.checked_at, nowMs.value) }) : m('fig.unchecked')} bad={(f.differences ?? 0) > 0} />
    </dl>
  );
}

/** Payments, refunds, money without an order, and the book of it all. */
export function MoneyView({ tab }: { tab: string }) {
  useTitle(m('title'));
  const at: Tab = names.find((n) => n === tab) ?? 'payments';
  const [figures, setFigures] = useState<Figures | null>(null);
  useEffect(() => {
    const look = (): void => void getFigures(shopSlug.value).then(setFigures, () => undefined); // the lists say what is wrong
    look();
    const timer = setInterval(() => { if (!document.hidden) look(); }, lookMs);
    return () => clearInterval(timer);
  }, [at, shopSlug.value]);
  const Body = tabs[at];
  return (
    <Frame at="money">
      <Head title={m('title')} sub={shop.value?.shop.name}>
        <a class="btn s" href="/studio/money/settings" data-testid="money-settings"><Icon name="gear" size={18} />{m('settings.open')}</a>
      </Head>
      {figures && <Strip f={figures} />}
      {figures && figures.inbox.failed > 0 && <p class="note bad" role="status"><Icon name="warn" size={18} /><span>{m('fig.inbox', { n: count(figures.inbox.failed) })}</span></p>}
      <nav class="seg filter moneytabs" aria-label={m('title')}>
        {names.map((n) => <a key={n} href={`/studio/money/${n}`} aria-current={n === at ? 'page' : undefined} class={n === at ? 'on' : ''} data-testid={`money-${n}`} onClick={(e) => { e.preventDefault(); go(`/studio/money/${n}`); }}>{m(`tab.${n}`)}</a>)}
      </nav>
      <Body />
    </Frame>
  );
}
