import { useEffect, useState } from 'preact/hooks';
import { count } from '../../i18n/format.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon, Logo } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { useTitle } from '../../ui/title.ts';
import { Words } from '../../ui/words.tsx';
import { Frame, Head } from '../frame.tsx';
import { mayRun } from '../roles.ts';
import { shop } from '../shops.ts';
import { t } from '../strings.ts';
import { wide } from '../wide.ts';
import { Mark, optionsText, PriceCell, Stock, Thumb } from './cells.tsx';
import { ListCtrl, QuickCtrl } from './ctrl.ts';
import { ImportSheet } from './import.tsx';
import { QuickAdd } from './quick.tsx';
import type { Product, Status } from './types.ts';
import './style.css';

const pathOf = (p: Product): string => `/studio/products/${p.id}`;
const filters: readonly (Status | '')[] = ['', 'active', 'draft', 'archived'];

function Name({ p, ctrl }: { p: Product; ctrl: ListCtrl }) {
  const category = ctrl.categories.value.find((c) => c.id === p.category);
  return (
    <a class="row name" href={pathOf(p)} data-testid="product-open">
      <Thumb src={p.image} />
      <span class="grow"><b class="cut2"><Words of={p.title} /></b><span class="xs t2 cut">{category ? <Words of={category.name} /> : optionsText(p)}</span></span>
    </a>
  );
}

function Row({ p, ctrl }: { p: Product; ctrl: ListCtrl }) {
  const sku = p.variants.find((v) => v.sku)?.sku;
  return (
    <tr data-testid="product-row" data-product={p.id}>
      <td><Name p={p} ctrl={ctrl} /></td>
      <td class="t2 cutcell">{sku ?? t('list.none')}</td>
      <td class="t2 cutcell">{optionsText(p)}</td>
      <td class="r"><PriceCell product={p} market="TW" /></td>
      <td class="r"><PriceCell product={p} market="TH" /></td>
      <td><Stock left={p.left} /></td>
      <td><Mark product={p} /></td>
    </tr>
  );
}

function Table({ ctrl, items }: { ctrl: ListCtrl; items: Product[] }) {
  return (
    <div class="card flat">
      <table class="tbl products">
        <thead><tr>
          <th scope="col">{t('prod.product')}</th><th scope="col">{t('prod.sku')}</th><th scope="col">{t('prod.options')}</th>
          <th scope="col" class="r">NT$</th><th scope="col" class="r">฿</th><th scope="col">{t('prod.stock')}</th><th scope="col">{t('list.state')}</th>
        </tr></thead>
        <tbody>{items.map((p) => <Row key={p.id} p={p} ctrl={ctrl} />)}</tbody>
      </table>
    </div>
  );
}

function Cards({ ctrl, items }: { ctrl: ListCtrl; items: Product[] }) {
  return (
    <ul class="cards">
      {items.map((p) => (
        <li key={p.id} class="card prodcard" data-testid="product-row" data-product={p.id}>
          <Name p={p} ctrl={ctrl} />
          <div class="row foot wrap"><span class="sm">NT$<PriceCell product={p} market="TW" /></span><span class="sm">฿<PriceCell product={p} market="TH" /></span>
            <span class="end row"><Stock left={p.left} /><Mark product={p} /></span></div>
        </li>
      ))}
    </ul>
  );
}

function Skeleton() {
  return <div class="card flat" aria-hidden="true">{[1, 2, 3, 4, 5].map((n) => <div key={n} class="row skrow"><span class="sk thumb" /><span class="sk b" /><span class="sk c" /></div>)}</div>;
}

function Empty({ ctrl }: { ctrl: ListCtrl }) {
  const searching = ctrl.q.value.trim() !== '' || ctrl.status.value !== '';
  return (
    <div class="card empty" data-testid="empty">
      <Logo size={40} />
      <b>{t(searching ? 'prod.emptyFind' : 'prod.emptyTitle')}</b>
      <span class="sm t2">{t(searching ? 'prod.emptyFindText' : 'prod.emptyText')}</span>
    </div>
  );
}

function Body({ ctrl }: { ctrl: ListCtrl }) {
  const items = ctrl.items.value;
  if (!items) return ctrl.failed.value ? <ErrorBox cause={ctrl.failed.value} retry={() => void ctrl.load()} /> : <Skeleton />;
  if (items.length === 0) return <Empty ctrl={ctrl} />;
  return (
    <>
      {ctrl.failed.value && <p class="note warn stale" role="status"><Icon name="signal" size={18} /><span>{t('list.stale')}</span></p>}
      {wide.value ? <Table ctrl={ctrl} items={items} /> : <Cards ctrl={ctrl} items={items} />}
      {ctrl.next.value && <button type="button" class="btn wide morebtn" data-testid="products-more" onClick={() => void ctrl.load(true)}>{t('more')}</button>}
    </>
  );
}

function Tools({ ctrl }: { ctrl: ListCtrl }) {
  const counts = ctrl.counts.value;
  const n = (f: Status | ''): number | null => (counts === null ? null : f === '' ? counts.active + counts.draft : counts[f]);
  return (
    <div class="row wrap tools">
      <label class="inp find"><Icon name="search" size={18} />
        <input type="search" aria-label={t('prod.find')} placeholder={t('prod.findHint')} value={ctrl.q.value} maxLength={80} autoComplete="off" data-testid="product-search"
          onInput={(e) => ctrl.search(e.currentTarget.value)} />
      </label>
      <div class="seg" role="group" aria-label={t('prod.filter')}>
        {filters.map((f) => (
          <button key={f} type="button" aria-pressed={ctrl.status.value === f} data-testid={`status-${f || 'all'}`} onClick={() => ctrl.filter(f)}>
            {t(f === '' ? 'filter.all' : `prod.status.${f}`)}{n(f) !== null && <span class="num cnt">{count(n(f) ?? 0)}</span>}
          </button>
        ))}
      </div>
    </div>
  );
}

/** What the shop sells: find, add in four fields, take in a file. */
export function ProductList() {
  useTitle(t('nav.products'));
  const [ctrl] = useState(() => new ListCtrl());
  const [quick] = useState(() => new QuickCtrl(() => shop.value?.shop.id ?? null, () => 'TWD'));
  const [importing, setImporting] = useState(false);
  useEffect(() => {
    void ctrl.load();
    void ctrl.loadCategories();
    return () => ctrl.stop();
  }, [ctrl, shop.value?.shop.id]);
  const edits = mayRun(shop.value?.role ?? null);
  return (
    <Frame at="products">
      <Head title={t('nav.products')}>
        {edits && <button type="button" class="btn s" data-testid="import-open" onClick={() => setImporting(true)}><Icon name="download" size={18} />{t('imp.open')}</button>}
        {edits && <button type="button" class="btn s" data-testid="product-new" onClick={() => go('/studio/products/new')}><Icon name="grid" size={18} />{t('prod.newWithOptions')}</button>}
      </Head>
      {edits && <QuickAdd ctrl={quick} added={(p) => ctrl.put(p)} />}
      <Tools ctrl={ctrl} />
      <Body ctrl={ctrl} />
      {importing && <ImportSheet close={() => setImporting(false)} done={() => void ctrl.load()} />}
    </Frame>
  );
}
