import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { asProblem, type ProblemCode } from '../../api/http.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon, Logo } from '../../ui/icon.tsx';
import { useTitle } from '../../ui/title.ts';
import { toast } from '../../ui/toast.tsx';
import { Words } from '../../ui/words.tsx';
import { Frame, Head } from '../frame.tsx';
import { getPacking, labelsUrl, makeParcels, packingCsv, tick } from '../orders/api.ts';
import { ShowPick } from '../orders/view.tsx';
import type { Packing, PackOrder } from '../orders/types.ts';
import { Thumb } from '../products/cells.tsx';
import { Code } from '../sale/code.tsx';
import { problemText } from '../say.ts';
import { shopSlug } from '../shops.ts';
import { t } from '../strings.ts';
import '../sale/style.css';
import '../orders/style.css';

const lookMs = 15_000;

/** What is to be packed: by item for the shelves, by order for the table. */
export class PackingCtrl {
  readonly now = signal<Packing | null>(null);
  readonly failed = signal<ProblemCode | null>(null);
  readonly show = signal('');
  readonly busy = signal(false);
  private timer: ReturnType<typeof setInterval> | undefined;

  open(): void {
    void this.load();
    this.timer = setInterval(() => { if (!document.hidden) void this.load(); }, lookMs);
  }

  close(): void {
    clearInterval(this.timer);
  }

  choose(show: string): void {
    this.show.value = show;
    void this.load();
  }

  async load(): Promise<void> {
    try {
      this.now.value = await getPacking(shopSlug.value, this.show.value);
      this.failed.value = null;
    } catch (e) {
      this.failed.value = asProblem(e).code;
    }
  }

  /** Ticked at once; taken back when the server says no. */
  async tick(order: string, no: number, packed: number): Promise<void> {
    const before = this.now.value;
    if (!before) return;
    this.now.value = { ...before, orders: before.orders.map((o) => (o.no === order ? { ...o, lines: o.lines.map((l) => (l.no === no ? { ...l, packed } : l)) } : o)) };
    try {
      await tick(shopSlug.value, order, no, packed);
    } catch (e) {
      this.now.value = before;
      toast(problemText(asProblem(e)), 'bad');
    }
  }

  async parcels(orders: PackOrder[]): Promise<void> {
    if (this.busy.value || orders.length === 0) return;
    this.busy.value = true;
    try {
      const made = await makeParcels(shopSlug.value, orders.map((o) => o.no));
      toast(t('pack.made', { n: made.items.length }), 'ok');
      await this.load();
    } catch (e) {
      toast(problemText(asProblem(e)), 'bad');
    } finally {
      this.busy.value = false;
    }
  }
}

function Pick({ pick }: { pick: Packing['pick'] }) {
  return (
    <section class="card"><h2 class="sec">{t('pack.pick')} <span class="num t2">{pick.reduce((n, p) => n + p.qty, 0)}</span></h2>
      <ul class="picklist">{pick.map((p) => (
        <li key={p.variant_id} class="row" data-testid="pick-row"><Thumb src={p.image} /><span class="grow"><span class="row wrap">{p.code && <Code code={p.code} />}<b><Words of={p.title} /></b></span><span class="xs t2">{p.options.join(' ')}</span></span><b class="num big">×{p.qty}</b></li>
      ))}</ul>
    </section>
  );
}

const packedAll = (o: PackOrder): boolean => o.lines.every((l) => l.packed >= l.qty);

function One({ ctrl, o }: { ctrl: PackingCtrl; o: PackOrder }) {
  return (
    <li class={`card packcard${packedAll(o) ? ' full' : ''}`} data-testid="pack-order" data-order={o.no}>
      <p class="row wrap"><a class="num b ordlink" href={`/studio/orders/${o.no}`}>{o.no}</a><span class="sm">{o.buyer}</span><span class="pill">{t(o.delivery === 'cvs' ? 'order.cvs' : 'order.home')}</span>
        {o.parcel_id ? <a class="btn s end" href={labelsUrl([o.parcel_id])} target="_blank" rel="noopener" data-testid="label"><Icon name="receipt" size={18} />{t('parcel.label')}</a> : packedAll(o) && <button type="button" class="btn s pri end" data-testid="pack-parcel" onClick={() => void ctrl.parcels([o])}>{t('parcel.make')}</button>}</p>
      <ul>{o.lines.map((l) => (
        <li key={l.id}><label class="packline"><input type="checkbox" class="cb" checked={l.packed >= l.qty} data-testid="pack-tick" onChange={(e) => void ctrl.tick(o.no, l.no, e.currentTarget.checked ? l.qty : 0)} />
          <span class="grow">{l.code && <Code code={l.code} />} <Words of={l.title} /> <span class="t2">{l.options.join(' ')}</span></span><b class="num">×{l.qty}</b></label></li>
      ))}</ul>
    </li>
  );
}

function Body({ ctrl }: { ctrl: PackingCtrl }) {
  const now = ctrl.now.value;
  if (!now) return ctrl.failed.value ? <ErrorBox cause={ctrl.failed.value} retry={() => void ctrl.load()} /> : <div class="card flat" aria-hidden="true"><div class="row skrow"><span class="sk b" /></div></div>;
  if (now.orders.length === 0) return <div class="card empty" data-testid="empty"><Logo size={40} /><b>{t('pack.emptyTitle')}</b><span class="sm t2">{t('pack.emptyText')}</span></div>;
  return <div class="packgrid"><Pick pick={now.pick} /><ul class="cards">{now.orders.map((o) => <One key={o.no} ctrl={ctrl} o={o} />)}</ul></div>;
}

export function PackingPage() {
  useTitle(t('nav.packing'));
  const [ctrl] = useState(() => new PackingCtrl());
  useEffect(() => {
    ctrl.open();
    return () => ctrl.close();
  }, [ctrl, shopSlug.value]);
  const orders = ctrl.now.value?.orders ?? [];
  const ready = orders.filter((o) => !o.parcel_id && packedAll(o));
  const labels = orders.map((o) => o.parcel_id).filter((id) => id !== null);
  return (
    <Frame at="packing">
      <Head title={t('nav.packing')}>
        <a class="btn s" href={packingCsv(shopSlug.value, ctrl.show.value)} download data-testid="pack-csv"><Icon name="download" size={18} />CSV</a>
        {labels.length > 0 && <a class="btn s" href={labelsUrl(labels)} target="_blank" rel="noopener" data-testid="labels"><Icon name="receipt" size={18} />{t('pack.labels', { n: labels.length })}</a>}
        {ready.length > 0 && <button type="button" class="btn s pri" data-testid="pack-all" onClick={() => void ctrl.parcels(ready)}><Icon name="box" size={18} />{t('pack.make', { n: ready.length })}</button>}
      </Head>
      <div class="row wrap tools"><ShowPick value={ctrl.show.value} set={(id) => ctrl.choose(id)} /></div>
      <Body ctrl={ctrl} />
    </Frame>
  );
}
