import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../../api/http.ts';
import { count } from '../../i18n/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { problemText } from '../say.ts';
import { shopSlug } from '../shops.ts';
import { t } from '../strings.ts';
import { getImport, importCsv, templateUrl } from './api.ts';
import type { Import } from './types.ts';

const lookMs = 700;
const mostBytes = 5 * 1024 * 1024;

/** A file of products: looked through first, taken in after a second press. */
export class ImportCtrl {
  readonly file = signal<File | null>(null);
  readonly seen = signal<Import | null>(null);
  readonly busy = signal(false);
  readonly failed = signal<Problem | null>(null);
  readonly tooLarge = signal(false);

  private timer: ReturnType<typeof setTimeout> | undefined;

  async check(file: File): Promise<void> {
    this.tooLarge.value = file.size > mostBytes;
    this.file.value = file;
    this.seen.value = null;
    if (!this.tooLarge.value) await this.send(true);
  }

  start(): Promise<void> {
    return this.send(false);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async send(dry: boolean): Promise<void> {
    const file = this.file.value;
    if (!file || this.busy.value) return;
    this.busy.value = true;
    this.failed.value = null;
    try {
      this.seen.value = await importCsv(shopSlug.value, file, dry);
      this.follow();
    } catch (e) {
      this.failed.value = asProblem(e);
    } finally {
      this.busy.value = false;
    }
  }

  /** Looks again while it runs; an answer that does not come is asked for again. */
  private follow(): void {
    const now = this.seen.value;
    if (now?.state !== 'running' || !now.id) return;
    const id = now.id;
    this.timer = setTimeout(() => {
      getImport(id)
        .then((next) => { this.seen.value = next; })
        .catch(() => undefined)
        .finally(() => this.follow());
    }, lookMs);
  }
}

function Pick({ ctrl }: { ctrl: ImportCtrl }) {
  const [over, setOver] = useState(false);
  const take = (f: File | undefined): void => {
    setOver(false);
    if (f) void ctrl.check(f);
  };
  return (
    <label class={`dropzone${over ? ' over' : ''}`} onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(e) => { e.preventDefault(); take(e.dataTransfer?.files[0]); }}>
      <input type="file" class="vh" accept=".csv,text/csv" data-testid="import-file" onChange={(e) => { take(e.currentTarget.files?.[0]); e.currentTarget.value = ''; }} />
      <Icon name="download" size={28} /><b>{ctrl.file.value?.name ?? t('imp.drop')}</b><span class="xs t2">{t('imp.limits')}</span>
    </label>
  );
}

function Sums({ seen }: { seen: Import }) {
  const sums: [string, number][] = [[t('imp.created'), seen.created], [t('imp.updated'), seen.updated], [t('imp.same'), seen.same], [t('imp.errors'), seen.error_count]];
  return <dl class="figs" data-testid="import-sums">{sums.map(([k, v]) => <div key={k}><dt>{k}</dt><dd class="num">{count(v)}</dd></div>)}</dl>;
}

function Errors({ seen }: { seen: Import }) {
  if (seen.errors.length === 0) return null;
  return (
    <div class="imperr" tabIndex={0} role="group" aria-label={t('imp.errors')}>
      <table class="tbl"><thead><tr><th scope="col" class="r">{t('imp.row')}</th><th scope="col">{t('imp.column')}</th><th scope="col">{t('imp.what')}</th></tr></thead>
        <tbody>{seen.errors.map((e) => <tr key={`${e.row}-${e.column}-${e.code}`} data-testid="import-error"><td class="r num">{e.row}</td><td>{e.column}</td><td>{e.message}</td></tr>)}</tbody></table>
    </div>
  );
}

function Running({ seen }: { seen: Import }) {
  return <label class="sm progressrow"><span>{t('imp.running', { done: count(seen.done), rows: count(seen.rows) })}</span><progress class="meter" max={seen.rows || 1} value={seen.done} /></label>;
}

function Foot({ ctrl, close }: { ctrl: ImportCtrl; close: () => void }) {
  const seen = ctrl.seen.value;
  const ready = seen?.state === 'checked' && seen.created + seen.updated > 0;
  if (seen?.state === 'done') return <div class="sheet-acts"><button type="button" class="btn pri" data-testid="import-close" onClick={close}>{t('imp.close')}</button></div>;
  return (
    <div class="sheet-acts">
      <a class="btn" href={templateUrl} download data-testid="import-template">{t('imp.template')}</a>
      <button type="button" class="btn pri" data-testid="import-start" aria-disabled={!ready || ctrl.busy.value} onClick={() => { if (ready) void ctrl.start(); }}>
        {ready ? t('imp.start', { n: count(seen.created + seen.updated) }) : t('imp.startNone')}
      </button>
    </div>
  );
}

export function ImportSheet({ close, done }: { close: () => void; done: () => void }) {
  const [ctrl] = useState(() => new ImportCtrl());
  useEffect(() => () => ctrl.stop(), [ctrl]);
  const seen = ctrl.seen.value;
  useEffect(() => {
    if (seen?.state === 'done') done();
  }, [seen?.state]);
  return (
    <Sheet title={t('imp.open')} close={close} testId="import-sheet">
      <p class="sm t2">{t('imp.text')}</p>
      {seen?.state !== 'running' && seen?.state !== 'done' && <Pick ctrl={ctrl} />}
      {ctrl.busy.value && <p class="sm t2" role="status">{t('imp.looking')}</p>}
      {ctrl.tooLarge.value && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{t('imp.limits')}</span></p>}
      {ctrl.failed.value && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{ctrl.failed.value.code === 'input' ? t('imp.header') : problemText(ctrl.failed.value)}</span></p>}
      {seen?.state === 'running' && <Running seen={seen} />}
      {seen?.state === 'done' && <p class="note ok" role="status"><Icon name="check" size={18} /><span>{t('imp.done')}</span></p>}
      {seen?.state === 'failed' && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{t('imp.failed')}</span></p>}
      {seen && <Sums seen={seen} />}
      {seen && <Errors seen={seen} />}
      <Foot ctrl={ctrl} close={close} />
    </Sheet>
  );
}
