import { useEffect, useState } from 'preact/hooks';
import { htmlLang, langNames, langs } from '../../i18n/index.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { Sheet } from '../../ui/sheet.tsx';
import { useTitle } from '../../ui/title.ts';
import { toast } from '../../ui/toast.tsx';
import { Words } from '../../ui/words.tsx';
import { Frame, Head } from '../frame.tsx';
import { mayRun } from '../roles.ts';
import { problemText } from '../say.ts';
import { shop } from '../shops.ts';
import { t } from '../strings.ts';
import { pictureTypes } from '../upload.ts';
import { EditCtrl, type Tongue } from './edit-ctrl.ts';
import { mostOptions, mostVariants, type Row } from './grid.ts';
import { StockSheet } from './stock-sheet.tsx';
import { exemptions, type Product } from './types.ts';
import './style.css';

/** The market's own languages; the others are folded away, and may stay empty. */
const tongues: readonly Tongue[] = ['zh-TW', 'th', 'en'];
const moreTongues = langs.filter((l) => !tongues.includes(l));
const mostPictures = 8;

function TitleIn({ ctrl, l }: { ctrl: EditCtrl; l: Tongue }) {
  const d = ctrl.draft.value;
  return (
    <label class="fld"><span class="lb">{t('edit.titleIn', { lang: langNames[l] })}</span>
      <input class={`inp${ctrl.noTitle.value ? ' err' : ''}`} lang={htmlLang(l)} value={d.title[l]} maxLength={80} autoComplete="off" data-testid={`title-${l}`} aria-invalid={ctrl.noTitle.value}
        aria-describedby="f-title" onInput={(e) => ctrl.set({ title: { ...d.title, [l]: e.currentTarget.value } })} />
    </label>
  );
}

function BodyIn({ ctrl, l }: { ctrl: EditCtrl; l: Tongue }) {
  const d = ctrl.draft.value;
  return (
    <label class="fld"><span class="lb">{t('edit.bodyIn', { lang: langNames[l] })}</span>
      <textarea class="inp" rows={3} lang={htmlLang(l)} value={d.body[l]} maxLength={5000} data-testid={`body-${l}`} onInput={(e) => ctrl.set({ body: { ...d.body, [l]: e.currentTarget.value } })} />
    </label>
  );
}

function Texts({ ctrl }: { ctrl: EditCtrl }) {
  return (
    <section class="card stack">
      <h2 class="sec">{t('edit.texts')}</h2>
      <p class="sm t2">{t('form.titlesHint')}</p>
      {tongues.map((l) => <TitleIn key={l} ctrl={ctrl} l={l} />)}
      <span id="f-title" role="alert">{ctrl.noTitle.value && <span class="errmsg"><Icon name="warn" size={16} />{t('fault.empty')}</span>}</span>
      {tongues.map((l) => <BodyIn key={l} ctrl={ctrl} l={l} />)}
      <details class="fold"><summary data-testid="more-tongues">{t('form.moreTongues')}</summary>
        <div class="stack">{moreTongues.map((l) => <TitleIn key={l} ctrl={ctrl} l={l} />)}{moreTongues.map((l) => <BodyIn key={l} ctrl={ctrl} l={l} />)}</div>
      </details>
    </section>
  );
}

function Photos({ ctrl }: { ctrl: EditCtrl }) {
  const media = ctrl.draft.value.media;
  const part = ctrl.picture.part.value;
  const failed = ctrl.picture.failed.value;
  return (
    <section class="card">
      <h2 class="sec">{t('edit.photos')}</h2>
      <div class="photos">
        {media.map((m, i) => (
          <div key={m.url} class="photo" data-testid="photo">
            <img src={m.sizes['160']} alt={t('edit.photoN', { n: i + 1 })} />
            <div class="row">
              <button type="button" class="icb" aria-label={t('edit.photoFirst', { n: i + 1 })} aria-disabled={i === 0} onClick={() => { if (i > 0) ctrl.moveMedia(i, -1); }}><Icon name="back" size={18} /></button>
              <button type="button" class="icb" aria-label={t('edit.photoDrop', { n: i + 1 })} onClick={() => ctrl.dropMedia(i)}><Icon name="close" size={18} /></button>
            </div>
          </div>
        ))}
        {media.length < mostPictures && (
          <label class={`up${failed ? ' err' : ''}${ctrl.picture.preview.value ? ' has' : ''}`} data-testid="photo-add">
            <input type="file" class="vh" accept={pictureTypes} aria-label={t('quick.picture')} onChange={(e) => { const f = e.currentTarget.files?.[0]; e.currentTarget.value = ''; if (f) void ctrl.addPicture(f); }} />
            {ctrl.picture.preview.value ? <img src={ctrl.picture.preview.value} alt="" /> : <><Icon name="plus" size={22} /><span class="xs">{t('quick.picture')}</span></>}
            {part !== null && <progress class="meter" max={1} value={part} aria-label={t('up.sending')} />}
          </label>
        )}
      </div>
      {failed && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{failed.code === 'input' ? failed.message : problemText(failed)}</span></p>}
    </section>
  );
}

function Options({ ctrl }: { ctrl: EditCtrl }) {
  const options = ctrl.draft.value.options;
  return (
    <section class="card stack">
      <h2 class="sec">{t('edit.options')}</h2>
      <p class="sm t2">{t('edit.optionsHint')}</p>
      {options.map((o, i) => (
        <div key={i} class="opt-row" data-testid="option-row">
          <label class="fld"><span class="lb">{t('edit.optionName')}</span>
            <input class="inp" value={o.name} maxLength={30} placeholder={t('edit.optionNameHint')} autoComplete="off" data-testid={`option-name-${i}`} onInput={(e) => ctrl.setOption(i, { name: e.currentTarget.value })} /></label>
          <label class="fld"><span class="lb">{t('edit.optionValues')}</span>
            <input class="inp" value={o.values} maxLength={600} placeholder={t('edit.optionValuesHint')} autoComplete="off" data-testid={`option-values-${i}`} onInput={(e) => ctrl.setOption(i, { values: e.currentTarget.value })} /></label>
          <button type="button" class="btn s ghost" onClick={() => ctrl.dropOption(i)}>{t('edit.optionDrop')}</button>
        </div>
      ))}
      {ctrl.tooMany.value && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{t('edit.tooMany', { n: mostVariants })}</span></p>}
      {options.length < mostOptions && <button type="button" class="btn s" data-testid="option-add" onClick={() => ctrl.addOption()}><Icon name="plus" size={18} />{t('edit.optionAdd')}</button>}
    </section>
  );
}

interface CellProps {
  ctrl: EditCtrl;
  i: number;
  row: Row;
  field: 'twd' | 'thb' | 'stock' | 'sku';
  label: string;
}

function Cell({ ctrl, i, row, field, label }: CellProps) {
  const fault = ctrl.faults.value[`${i}-${field}`];
  return (
    <>
      <input class={`inp${fault ? ' err' : ''}${field === 'sku' ? '' : ' num'}`} aria-label={`${label} ${row.options.join(' ')}`} value={row[field]} maxLength={40} autoComplete="off" inputMode={field === 'sku' ? 'text' : 'decimal'}
        aria-invalid={fault !== undefined} data-testid={`v${i}-${field}`} onInput={(e) => ctrl.setRow(i, { [field]: e.currentTarget.value })} />
      {fault && <span class="errmsg">{t(`fault.${fault}`)}</span>}
    </>
  );
}

function GridRow({ ctrl, row, i, stock }: { ctrl: EditCtrl; row: Row; i: number; stock: (id: string) => void }) {
  return (
    <tr class={row.active ? '' : 'off'} data-testid="variant-row">
      <td>{row.options.join(' ') || t('prod.single')}</td>
      <td data-of="NT$"><Cell ctrl={ctrl} i={i} row={row} field="twd" label="NT$" /></td>
      <td data-of="฿"><Cell ctrl={ctrl} i={i} row={row} field="thb" label="฿" /></td>
      <td data-of={t('prod.stock')}>{row.id === null ? <Cell ctrl={ctrl} i={i} row={row} field="stock" label={t('prod.stock')} />
        : <button type="button" class="btn s stockbtn" data-testid={`v${i}-stock`} onClick={() => { if (row.id) stock(row.id); }}><span class="vh">{t('stock.changeOf', { what: row.options.join(' ') })} </span><span class="num">{row.stock}</span><Icon name="edit" size={16} /></button>}</td>
      <td data-of={t('prod.sku')}><Cell ctrl={ctrl} i={i} row={row} field="sku" label={t('prod.sku')} /></td>
      <td data-of={t('edit.sell')}><label class="cbl"><input type="checkbox" class="cb" checked={row.active} aria-label={t('edit.sellOf', { what: row.options.join(' ') })} onChange={(e) => ctrl.setRow(i, { active: e.currentTarget.checked })} /></label></td>
    </tr>
  );
}

function Grid({ ctrl, stock }: { ctrl: EditCtrl; stock: (id: string) => void }) {
  return (
    <section class="card">
      <h2 class="sec">{t('edit.grid')}</h2>
      <div class="vgrid" tabIndex={0} role="group" aria-label={t('edit.grid')}>
        <table>
          <thead><tr><th scope="col">{t('prod.options')}</th><th scope="col">NT$</th><th scope="col">฿</th><th scope="col">{t('prod.stock')}</th><th scope="col">{t('prod.sku')}</th><th scope="col">{t('edit.sell')}</th></tr></thead>
          <tbody>{ctrl.draft.value.rows.map((r, i) => <GridRow key={r.options.join('\u0001')} ctrl={ctrl} row={r} i={i} stock={stock} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function Selling({ ctrl }: { ctrl: EditCtrl }) {
  const d = ctrl.draft.value;
  return (
    <section class="card stack">
      <h2 class="sec">{t('edit.selling')}</h2>
      <div class="seg" role="group" aria-label={t('list.state')}>
        {(['draft', 'active', 'archived'] as const).map((s) => <button key={s} type="button" aria-pressed={d.status === s} data-testid={`to-${s}`} onClick={() => ctrl.set({ status: s })}>{t(`prod.status.${s}`)}</button>)}
      </div>
      <div class="grid2">
        <label class="fld"><span class="lb">{t('edit.category')}</span>
          <select class="inp" value={d.category} data-testid="category" onChange={(e) => ctrl.set({ category: e.currentTarget.value })}>
            <option value="">{t('edit.noCategory')}</option>{ctrl.categories.value.map((c) => <option key={c.id} value={c.id}><Words of={c.name} /></option>)}
          </select></label>
        <label class="fld"><span class="lb">{t('edit.exempt')}</span>
          <select class="inp" value={d.exempt} data-testid="exempt" onChange={(e) => ctrl.set({ exempt: e.currentTarget.value as typeof d.exempt })}>
            {exemptions.map((x) => <option key={x} value={x}>{t(`exempt.${x}`)}</option>)}
          </select></label>
      </div>
      <p class="xs t2">{t('edit.exemptHint')}</p>
    </section>
  );
}

function Gone({ ctrl, close }: { ctrl: EditCtrl; close: () => void }) {
  const p = ctrl.product.value;
  async function gone(): Promise<void> {
    if (!(await ctrl.remove())) return close();
    toast(t('edit.gone'), 'ok');
    go('/studio/products');
  }
  return (
    <Sheet title={t('edit.removeTitle')} close={close} testId="remove-sheet">
      <p>{t(p?.used ? 'edit.removeUsed' : 'edit.removeText')}</p>
      <div class="sheet-acts"><button type="button" class="btn" data-autofocus onClick={close}>{t('rotate.no')}</button>
        <button type="button" class="btn danger" data-testid="remove-yes" onClick={() => void gone()}>{t('edit.remove')}</button></div>
    </Sheet>
  );
}

function Editor({ ctrl, saved }: { ctrl: EditCtrl; saved: (p: Product) => void }) {
  const [stock, setStock] = useState<string | null>(null);
  const [removing, setRemoving] = useState(false);
  const variant = ctrl.product.value?.variants.find((v) => v.id === stock);
  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    const form = e.currentTarget as HTMLFormElement;
    const p = await ctrl.save();
    if (p) {
      toast(t('form.saved'), 'ok');
      saved(p);
    } else form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }
  const failed = ctrl.failed.value;
  return (
    <form class="edit-product" onSubmit={(e) => void submit(e)} noValidate>
      <Head title={ctrl.product.value ? <Words of={ctrl.product.value.title} /> : t('prod.newWithOptions')} back={() => go('/studio/products')}>
        {ctrl.product.value && <button type="button" class="btn s ghost danger" data-testid="remove" onClick={() => setRemoving(true)}>{t('edit.remove')}</button>}
        <button type="submit" class="btn pri" data-testid="product-save" aria-disabled={ctrl.busy.value}>{ctrl.busy.value ? t('form.saving') : t('form.save')}</button>
      </Head>
      {failed && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{failed.code === 'input' ? failed.message : problemText(failed)}</span></p>}
      <div class="stack"><Photos ctrl={ctrl} /><Grid ctrl={ctrl} stock={setStock} /><Options ctrl={ctrl} /><Selling ctrl={ctrl} /><Texts ctrl={ctrl} /></div>
      {variant && <StockSheet variant={variant} close={() => setStock(null)} changed={(p) => ctrl.tookStock(p)} />}
      {removing && <Gone ctrl={ctrl} close={() => setRemoving(false)} />}
    </form>
  );
}

export function ProductEdit({ id }: { id: string | null }) {
  useTitle(t('nav.products'));
  const [ctrl] = useState(() => new EditCtrl(id));
  useEffect(() => void ctrl.load(), [ctrl]);
  useEffect(() => {
    const guard = (e: BeforeUnloadEvent): void => {
      if (ctrl.dirty.value) e.preventDefault();
    };
    addEventListener('beforeunload', guard);
    return () => removeEventListener('beforeunload', guard);
  }, [ctrl]);
  if (ctrl.loading.value) return <Frame at="products"><ErrorBox cause={ctrl.loading.value.code} retry={() => void ctrl.load()} /></Frame>;
  const waiting = id !== null && !ctrl.product.value;
  if (!waiting && !mayRun(shop.value?.role ?? null)) return <Frame at="products"><p class="note warn"><Icon name="warn" size={18} /><span>{t('fail.forbidden')}</span></p></Frame>;
  return (
    <Frame at="products">
      {waiting ? <div class="card flat" aria-hidden="true"><div class="row skrow"><span class="sk b" /></div></div>
        : <Editor ctrl={ctrl} saved={(p) => { if (!id) go(`/studio/products/${p.id}`, { replace: true }); }} />}
    </Frame>
  );
}
