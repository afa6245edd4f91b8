import { useEffect, useState } from 'preact/hooks';
import { asProblem, type ProblemCode } from '../../api/http.ts';
import { moneyText } from '../../i18n/money.ts';
import { nowMs } from '../../ui/clock.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { useTitle } from '../../ui/title.ts';
import { toast } from '../../ui/toast.tsx';
import { whenText } from '../../ui/when.ts';
import { Frame, Head } from '../frame.tsx';
import { mayRefund } from '../roles.ts';
import { problemText } from '../say.ts';
import { shop, shopSlug } from '../shops.ts';
import { askGateway, getPayment } from './api.ts';
import { Movements } from './ledger.tsx';
import { failText, methodText, PayMark } from './marks.tsx';
import { RefundCard } from './refunds.tsx';
import { m } from './strings.ts';
import type { InboxRow, PaymentPage } from './types.ts';
import '../orders/style.css';
import './style.css';

const inboxTones: Record<InboxRow['state'], string> = { new: 'info', done: 'ok', ignored: '', failed: 'bad' };
const settled = new Set(['paid', 'part_refunded', 'refunded', 'collected', 'settled']);

function Facts({ p }: { p: PaymentPage }) {
  const rows: [string, string][] = [
    [m('one.ours'), p.our_ref], [m('one.theirs'), p.provider_ref ?? '–'], [m('one.started'), whenText(p.created_at, nowMs.value)], [m('one.changed'), whenText(p.changed_at, nowMs.value)],
  ];
  if (p.expires_at) rows.push([m('one.until'), whenText(p.expires_at, nowMs.value)]);
  if (p.fail_code) rows.push([m('one.why'), failText(p.fail_code)]);
  for (const [k, v] of Object.entries(p.details)) if (isTold(k) && typeof v === 'string' && v !== p.provider_ref) rows.push([m(`told.${k}`), v]);
  return <dl class="sums facts">{rows.map(([k, v]) => <div key={k}><dt>{k}</dt><dd class="num">{v}</dd></div>)}</dl>;
}

const told = ['bank_code', 'account', 'code', 'last4', 'gwsr', 'type', 'charge', 'failure'] as const;
type Told = (typeof told)[number];
const isTold = (k: string): k is Told => (told as readonly string[]).includes(k);

/** What the gateway has told us of it, oldest first. */
function Messages({ inbox }: { inbox: InboxRow[] }) {
  if (inbox.length === 0) return <p class="sm t2">{m('one.noMessage')}</p>;
  return (
    <ul class="people">{inbox.map((x) => (
      <li key={`${x.at}${x.kind}`} class="row" data-testid="inbox-row"><span class="grow"><b class="sm">{x.kind.replaceAll('.', ' ')}</b><span class="xs t2">{whenText(x.at, nowMs.value)}{x.result && ` · ${x.result}`}</span></span><span class={`pill ${inboxTones[x.state]}`}>{m(`inbox.${x.state}`)}</span></li>
    ))}</ul>
  );
}

export function PaymentView({ id }: { id: string }) {
  const [p, setP] = useState<PaymentPage | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const [busy, setBusy] = useState(false);
  useTitle(p?.order ?? m('title'));
  const load = (): void => {
    getPayment(id, shopSlug.value).then((got) => { setP(got); setFailed(null); }, (e: unknown) => setFailed(asProblem(e).code));
  };
  useEffect(load, [id, shopSlug.value]);
  async function ask(): Promise<void> {
    if (busy) return;
    setBusy(true);
    try {
      await askGateway(id, shopSlug.value);
      toast(m('one.asked'), 'ok');
    } catch (e) {
      toast(problemText(asProblem(e)), 'bad');
    }
    setBusy(false);
    load();
  }
  if (!p) return <Frame at="money">{failed ? <ErrorBox cause={failed} retry={load} /> : <div class="card flat" aria-hidden="true"><div class="row skrow"><span class="sk b" /></div></div>}</Frame>;
  const asks = (p.provider === 'ecpay' || p.provider === 'omise') && !settled.has(p.state) && mayRefund(shop.value?.role ?? null);
  return (
    <Frame at="money">
      <Head title={<span class="num" data-testid="payment-amount">{moneyText(p.amount)}</span>} sub={<>{methodText(p.method)} · {p.buyer}</>} back={() => go('/studio/money/payments')} mark={<PayMark state={p.state} />}>
        <a class="btn s" href={`/studio/orders/${p.order}`}><Icon name="receipt" size={18} /><span class="num">{p.order}</span></a>
        {asks && <button type="button" class="btn s" aria-disabled={busy} data-testid="ask-gateway" onClick={() => void ask()}><Icon name="signal" size={18} />{m('one.ask')}</button>}
      </Head>
      {p.simulated && <p class="note warn" role="status"><Icon name="warn" size={18} /><span>{m('one.simulated')}</span></p>}
      <div class="g2 onepage">
        <div class="stack">
          <section class="card"><h2 class="sec">{m('one.facts')}</h2><Facts p={p} /></section>
          {p.refunds.length > 0 && <section class="stack"><h2 class="sec">{m('tab.refunds')}</h2><ul class="refcards">{p.refunds.map((r) => <RefundCard key={r.id} r={r} after={load} />)}</ul></section>}
        </div>
        <section class="card"><h2 class="sec">{m('one.messages')}</h2><Messages inbox={p.inbox} /></section>
      </div>
      {p.entries.length > 0 && <section class="stack onebook"><h2 class="sec">{m('tab.ledger')}</h2><Movements items={p.entries} /></section>}
    </Frame>
  );
}
