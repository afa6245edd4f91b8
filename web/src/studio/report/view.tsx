import { useEffect, useState } from 'preact/hooks';
import { asProblem, type ProblemCode } from '../../api/http.ts';
import { getShow } from '../../api/shows.ts';
import type { Show } from '../../api/types.ts';
import { count } from '../../i18n/format.ts';
import { moneyText, type Money } from '../../i18n/money.ts';
import { clockText, nowMs } from '../../ui/clock.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon, Logo } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { useTitle } from '../../ui/title.ts';
import { toast } from '../../ui/toast.tsx';
import { whenText } from '../../ui/when.ts';
import { Words } from '../../ui/words.tsx';
import { Frame, Head } from '../frame.tsx';
import { StateMark } from '../list/view.tsx';
import { Thumb } from '../products/cells.tsx';
import { mayRun, roleIn } from '../roles.ts';
import { session } from '../../api/http.ts';
import { Code } from '../sale/code.tsx';
import { copy, problemText } from '../say.ts';
import { t } from '../strings.ts';
import { claimsCsv, getReport, listBills, makeBills, remindUnpaid, reportCsv } from './api.ts';
import { Retention } from './chart.tsx';
import type { Bill, Gmv, Report, ReportProduct } from './types.ts';
import '../sale/style.css';
import './style.css';

const percent = (part: number, whole: number): string => (whole > 0 ? `${((part / whole) * 100).toFixed(1)}%` : '–');

function Kpis({ r, show }: { r: Report; show: Show }) {
  const gmv = Object.entries(r.gmv).filter((e): e is [string, Gmv] => e[1] !== undefined);
  return (
    <dl class="figs strip" data-testid="kpis">
      {gmv.map(([currency, g]) => (
        <div key={currency}><dt>{t('report.paid', { currency })}</dt><dd class="num" data-testid={`paid-${currency}`}>{moneyText(g.paid_net)}</dd>
          <dd class="xs t2">{t('report.ordered')} <b class="num" data-testid={`ordered-${currency}`}>{moneyText(g.ordered)}</b> · {t('report.claimed')} <b class="num" data-testid={`claimed-${currency}`}>{moneyText(g.claimed)}</b></dd></div>
      ))}
      <div><dt>{t('report.viewers')}</dt><dd class="num">{count(Math.max(r.viewers.peak, show.viewers.peak))}</dd><dd class="xs t2">{t('report.average', { n: count(r.viewers.average) })}</dd></div>
      <div><dt>{t('report.orders')}</dt><dd class="num" data-testid="orders">{count(r.orders)}</dd><dd class="xs t2">{t('report.claims', { n: count(r.claims) })}</dd></div>
    </dl>
  );
}

function Funnel({ r }: { r: Report }) {
  const f = r.funnel;
  const most = Math.max(1, f.viewers, f.claimed, f.ordered, f.paid);
  const steps: [string, number, string][] = [
    [t('report.fViewers'), f.viewers, ''], [t('report.fClaimed'), f.claimed, percent(f.claimed, f.viewers)],
    [t('report.fOrdered'), f.ordered, percent(f.ordered, f.claimed)], [t('report.fPaid'), f.paid, percent(f.paid, f.ordered)],
  ];
  return (
    <section class="card" aria-labelledby="h-funnel"><h2 class="sec" id="h-funnel">{t('report.funnel')}</h2>
      <ul class="funnelbars" data-testid="funnel">
        {steps.map(([k, n, p], i) => <li key={k}><span class="sm">{k}</span><span class="fbar" aria-hidden="true"><i class={`f${i}`} style={{ width: `${(n / most) * 100}%` }} /></span><b class="num">{count(n)}</b><span class="xs t2 num">{p}</span></li>)}
        {r.waitlist_taken > 0 && <li><span class="sm">{t('report.fWaiting')}</span><span class="fbar" aria-hidden="true"><i class="f4" style={{ width: `${(r.waitlist_taken / most) * 100}%` }} /></span><b class="num">{count(r.waitlist_taken)}</b><span /></li>}
      </ul>
      <p class="xs t2">{t('report.funnelHint')}</p>
    </section>
  );
}

const sums = (of: Partial<Record<string, Money>>): Money[] => Object.values(of).filter((m) => m !== undefined);

function Goods({ all }: { all: ReportProduct[] }) {
  const most = Math.max(1, ...all.map((p) => p.ordered_qty));
  return (
    <section class="card flat" aria-label={t('report.goods')}>
      <table class="tbl goods"><thead><tr><th scope="col">{t('prod.product')}</th><th scope="col">{t('report.share')}</th><th scope="col" class="r">{t('report.claimed')}</th><th scope="col" class="r">{t('report.ordered')}</th><th scope="col" class="r">{t('report.amount')}</th></tr></thead>
        <tbody>{all.toSorted((a, b) => b.ordered_qty - a.ordered_qty).map((p) => (
          <tr key={p.listing_id} data-testid="report-product">
            <td><span class="row"><Thumb src={p.image} /><span class="row wrap"><Code code={p.code} /><b><Words of={p.title} /></b></span></span></td>
            <td><span class="vh">{percent(p.ordered_qty, most)}</span><span class="fbar" aria-hidden="true"><i class="f3" style={{ width: `${(p.ordered_qty / most) * 100}%` }} /></span></td>
            <td class="r num">{count(p.claimed_qty)}</td><td class="r num">{count(p.ordered_qty)}</td>
            <td class="r num">{sums(p.ordered).map((m) => <span key={m.currency} class="amt">{moneyText(m)}</span>)}</td>
          </tr>
        ))}</tbody></table>
    </section>
  );
}

function BillRow({ b }: { b: Bill }) {
  return (
    <li class="row wrap" data-testid="bill" data-state={b.state}><span class="grow sm"><b>{b.buyer}</b> · {t('order.pieces', { n: b.lines_n })} · <b class="num">{moneyText(b.total)}</b></span>
      {b.state === 'open' ? <span class="xs t2">{t('bill.until', { time: whenText(b.hold_until, nowMs.value) })}{b.reminded > 0 && ` · ${t('bill.reminded', { n: b.reminded })}`}</span> : <span class="pill ok">{t(`bill.${b.state}`)}</span>}
      {b.state === 'open' && <button type="button" class="btn s" data-testid="bill-copy" onClick={() => void copy(location.origin + b.url, t('bill.copied'))}><Icon name="copy" size={18} />{t('bill.copy')}</button>}</li>
  );
}

/** Who holds something and has not ordered: one link for each, and a reminder for all. */
function Bills({ show, unpaid }: { show: string; unpaid: Report['unpaid'] }) {
  const [bills, setBills] = useState<Bill[]>([]);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    listBills(show).then((got) => setBills(got.items), () => undefined);
  }, [show]);
  async function act(what: 'make' | 'remind'): Promise<void> {
    if (busy) return;
    setBusy(true);
    try {
      if (what === 'make') {
        const got = await makeBills(show);
        setBills(got.items);
        toast(t('bill.made', { n: got.made }), 'ok');
      } else {
        const got = await remindUnpaid(show);
        toast(t('bill.remindedAll', { n: got.reminded, all: got.unpaid }), 'ok');
        setBills((await listBills(show)).items);
      }
    } catch (e) {
      toast(problemText(asProblem(e)), 'bad');
    } finally {
      setBusy(false);
    }
  }
  return (
    <section class="card stack" aria-labelledby="h-bills"><h2 class="sec" id="h-bills">{t('bill.title')} <span class="num t2" data-testid="unpaid">{count(unpaid.carts + unpaid.orders)}</span></h2>
      <p class="sm t2">{t('bill.text')}</p>
      <ul class="bills">{bills.map((b) => <BillRow key={b.id} b={b} />)}</ul>
      <div class="row wrap"><button type="button" class="btn s pri" aria-disabled={busy} data-testid="bills-make" onClick={() => void act('make')}>{t('bill.make')}</button>
        {bills.some((b) => b.state === 'open') && <button type="button" class="btn s" aria-disabled={busy} data-testid="remind" onClick={() => void act('remind')}><Icon name="bell" size={18} />{t('bill.remind')}</button>}</div>
    </section>
  );
}

function Loaded({ r, show }: { r: Report; show: Show }) {
  const runs = mayRun(roleIn(session.value, show.shop.id));
  return (
    <div class="stack report" data-testid="report">
      <Kpis r={r} show={show} />
      <div class="repgrid">
        <section class="card" aria-labelledby="h-curve"><div class="row wrap"><h2 class="sec" id="h-curve">{t('report.curveTitle')}</h2><span class="end row legend xs"><i class="lg a" />{t('report.lgViewers')}<i class="lg b" />{t('report.lgPins')}<i class="lg c" />{t('report.lgDeals')}</span></div>
          {r.retention.length > 0 ? <Retention report={r} /> : <p class="sm t2 pad">{t('report.noCurve')}</p>}</section>
        <Funnel r={r} />
      </div>
      {r.products.length > 0 && <Goods all={r.products} />}
      {runs && <Bills show={show.id} unpaid={r.unpaid} />}
      <p class="row wrap"><a class="btn s" href={claimsCsv(show.id)} download data-testid="claims-csv"><Icon name="download" size={18} />{t('report.ledger')}</a><span class="xs t2 grow">{t('report.ledgerHint')}</span></p>
    </div>
  );
}

export function ReportPage({ id }: { id: string }) {
  useTitle(t('report.title'));
  const [got, setGot] = useState<{ r: Report; show: Show } | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const load = (): void => {
    Promise.all([getReport(id), getShow(id)]).then(([r, show]) => { setGot({ r, show }); setFailed(null); }, (e: unknown) => setFailed(asProblem(e).code));
  };
  useEffect(load, [id]);
  if (!got) return <Frame at="show">{failed ? <ErrorBox cause={failed} retry={load} /> : <div class="card empty" aria-hidden="true"><Logo size={40} /></div>}</Frame>;
  const { r, show } = got;
  const length = r.started_at !== null && r.ended_at !== null ? clockText(r.ended_at - r.started_at) : null;
  return (
    <Frame at="show">
      <Head title={<Words of={show.title} />} sub={<>{r.started_at !== null && whenText(r.started_at, nowMs.value)}{length && <> · <span class="num">{length}</span></>}</>} back={() => go(`/studio/shows/${id}`)} mark={<StateMark state={show.state} />}>
        <a class="btn s" href={`/s/${id}`} data-testid="open-room"><Icon name="play" size={18} />{t('over.watch')}</a>
        <a class="btn s" href={reportCsv(id)} download data-testid="report-csv"><Icon name="download" size={18} />CSV</a>
      </Head>
      <Loaded r={r} show={show} />
    </Frame>
  );
}
