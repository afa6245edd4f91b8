import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { session } from '../../api/http.ts';
import type { Show } from '../../api/types.ts';
import { htmlLang, langNames, type Lang } from '../../i18n/index.ts';
import { pick, zoneText } from '../../i18n/format.ts';
import { nowMs } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { useTitle } from '../../ui/title.ts';
import { toast } from '../../ui/toast.tsx';
import { whenText } from '../../ui/when.ts';
import { Frame, Head } from '../frame.tsx';
import { mayRun } from '../roles.ts';
import { problemText } from '../say.ts';
import { t } from '../strings.ts';
import { pictureTypes } from '../upload.ts';
import { covers, FormCtrl, loadCovers } from './ctrl.ts';
import { fields, fromField, longestHost, longestTitle, titleLangs, titleOf, toField, type Clash, type Field, type TitleField } from './draft.ts';
import './style.css';

function Fault({ ctrl, field }: { ctrl: FormCtrl; field: Field }) {
  const fault = ctrl.faults.value[field];
  return (
    <span id={`f-${field}`} class="fault" role="alert">
      {fault && <span class="errmsg"><Icon name="warn" size={16} />{t(`fault.${fault}`, { n: field === 'host' ? longestHost : longestTitle })}</span>}
    </span>
  );
}

interface InputProps {
  ctrl: FormCtrl;
  field: Field;
  label: string;
  testId: string;
  more?: JSX.IntrinsicElements['input'];
}

function Input({ ctrl, field, label, testId, more }: InputProps) {
  const wrong = ctrl.faults.value[field] !== undefined;
  return (
    <div>
      <label class="fld"><span class="lb">{label}</span>
        <input {...more} class={`inp${wrong ? ' err' : ''}`} name={field} value={ctrl.draft.value[field]} data-testid={testId}
          aria-invalid={wrong} aria-describedby={`f-${field}`} onInput={(e) => ctrl.set(field, e.currentTarget.value)} />
      </label>
      <Fault ctrl={ctrl} field={field} />
    </div>
  );
}

function TitleIn({ ctrl, field, l }: { ctrl: FormCtrl; field: TitleField; l: Lang }) {
  return (
    <Input ctrl={ctrl} field={field} label={langNames[l]} testId={`show-title-${field}`}
      more={{ lang: htmlLang(l), autoComplete: 'off', ...(field === 'zh' ? { 'data-autofocus': true } : {}) }} />
  );
}

function Titles({ ctrl }: { ctrl: FormCtrl }) {
  const more = titleLangs.slice(3);
  const used = useState(() => more.some(([field]) => ctrl.draft.value[field] !== ''))[0];
  return (
    <section class="card stack">
      <h2 class="sec">{t('form.titles')}</h2>
      <p class="sm t2">{t('form.titlesHint')}</p>
      {titleLangs.slice(0, 3).map(([field, l]) => <TitleIn key={field} ctrl={ctrl} field={field} l={l} />)}
      <details class="fold" open={used}><summary data-testid="more-tongues">{t('form.moreTongues')}</summary>
        <div class="stack">{more.map(([field, l]) => <TitleIn key={field} ctrl={ctrl} field={field} l={l} />)}</div>
      </details>
    </section>
  );
}

/** A cover of one's own: the picture, once there is one, and the way to send another. */
function OwnCover({ ctrl }: { ctrl: FormCtrl }) {
  const own = ctrl.ownCover();
  const { part, failed, preview } = ctrl.picture;
  const sending = part.value !== null;
  return (
    <>
      {own && (
        <label class="pickcover">
          <input type="radio" name="cover" class="vh" value={own.id} checked={ctrl.draft.value.cover === own.id} data-testid="cover-own" onChange={() => ctrl.set('cover', own.id)} />
          <img src={own.url} alt={t('form.ownCoverName')} />
          <span class="tick"><Icon name="check" size={18} /></span>
        </label>
      )}
      <label class={`pickcover sendcover${failed.value ? ' err' : ''}`} data-state={failed.value ? 'failed' : sending ? 'sending' : own ? 'ready' : 'none'} data-testid="cover-upload">
        <input type="file" class="vh" accept={pictureTypes} aria-describedby="cover-hint"
          onChange={(e) => { const f = e.currentTarget.files?.[0]; e.currentTarget.value = ''; if (f) void ctrl.upload(f); }} />
        {sending && preview.value ? <img src={preview.value} alt="" /> : <span class="t2 sm b"><Icon name="plus" size={22} />{t('form.ownCover')}</span>}
        {sending && <progress class="meter" max={1} value={part.value ?? 0} aria-label={t('up.sending')} />}
      </label>
    </>
  );
}

function Covers({ ctrl }: { ctrl: FormCtrl }) {
  useEffect(() => {
    loadCovers().catch(() => undefined);
  }, []);
  const failed = ctrl.picture.failed.value;
  return (
    <section class="card">
      <h2 class="sec" id="h-cover">{t('form.cover')}</h2>
      <div class="covers" role="radiogroup" aria-labelledby="h-cover">
        {covers.value.map((c) => (
          <label key={c.id} class="pickcover">
            <input type="radio" name="cover" class="vh" value={c.id} checked={ctrl.draft.value.cover === c.id} data-testid={`cover-${c.id}`}
              onChange={() => ctrl.set('cover', c.id)} />
            <img src={c.url} alt={t('form.coverName', { id: c.id })} />
            <span class="tick"><Icon name="check" size={18} /></span>
          </label>
        ))}
        <OwnCover ctrl={ctrl} />
        <label class="pickcover nocover">
          <input type="radio" name="cover" class="vh" checked={ctrl.draft.value.cover === ''} data-testid="cover-none" onChange={() => ctrl.set('cover', '')} />
          <span class="t2 sm b">{t('form.noCover')}</span>
          <span class="tick"><Icon name="check" size={18} /></span>
        </label>
      </div>
      <p class="xs t2" id="cover-hint">{t('form.coverHint')}</p>
      {failed && <p class="note bad" role="alert" data-testid="cover-failed"><Icon name="warn" size={18} /><span>{t('quick.pictureFailed')} {problemText(failed)}</span></p>}
    </section>
  );
}

function Details({ ctrl }: { ctrl: FormCtrl }) {
  const shops = (session.value?.staff ?? []).filter((s) => mayRun(s.role));
  const zone = zoneText(fromField(ctrl.draft.value.starts) ?? nowMs.value);
  return (
    <section class="card stack">
      <h2 class="sec">{t('form.details')}</h2>
      <div class="two">
        <Input ctrl={ctrl} field="starts" label={t('form.starts', { zone })} testId="show-starts"
          more={{ type: 'datetime-local', min: toField(nowMs.value), step: 60 }} />
        <Input ctrl={ctrl} field="host" label={t('form.host')} testId="show-host" more={{ autoComplete: 'off' }} />
      </div>
      {ctrl.isNew && shops.length > 1 && (
        <label class="fld"><span class="lb">{t('form.shop')}</span>
          <select class="inp" value={ctrl.shop.value} data-testid="show-shop" onChange={(e) => { ctrl.shop.value = e.currentTarget.value; }}>
            {shops.map((s) => <option key={s.shop.id} value={s.shop.id}>{s.shop.name}</option>)}
          </select>
        </label>
      )}
      <p class="note"><Icon name="info" size={18} /><span>{t(ctrl.draft.value.starts ? 'form.willSchedule' : 'form.willDraft')}</span></p>
    </section>
  );
}

/** As viewers will see it in the market. */
function Looks({ ctrl }: { ctrl: FormCtrl }) {
  const d = ctrl.draft.value;
  const own = ctrl.ownCover();
  const url = own?.id === d.cover ? own.url : covers.value.find((c) => c.id === d.cover)?.url;
  const { text, lang: l } = pick(titleOf(d));
  const at = fromField(d.starts);
  return (
    <aside class="card looks" aria-label={t('form.looks')}>
      <h2 class="sec">{t('form.looks')}</h2>
      <div class="poster-card" data-ground="room">
        {url ? <img src={url} alt="" /> : <span class="nopic" />}
        <span class="shade" />
        <div class="words">
          <b class="when num">{at === null ? t('list.noTime') : whenText(at, nowMs.value)}</b>
          <p class="ttl" lang={htmlLang(l)}>{text || t('form.untitled')}</p>
          <p class="xs">{d.host}</p>
        </div>
      </div>
    </aside>
  );
}

function fieldName(f: Field): string {
  const title = titleLangs.find(([field]) => field === f);
  return title ? t('form.titleIn', { lang: langNames[title[1]] }) : t(`field.${f as 'cover' | 'starts' | 'host'}`);
}

function ClashRow({ ctrl, clash }: { ctrl: FormCtrl; clash: Clash }) {
  const said = (s: string): string => {
    if (clash.field !== 'starts') return s || t('form.blank');
    const ms = fromField(s);
    return ms === null ? t('list.noTime') : whenText(ms, nowMs.value);
  };
  return (
    <li class="clash" data-testid={`clash-${clash.field}`}>
      <b class="sm">{fieldName(clash.field)}</b>
      <p><del>{said(clash.theirs)}</del> <span class="xs t2">{t('form.theirs')}</span></p>
      <p><ins>{said(clash.mine)}</ins> <span class="xs t2">{t('form.mine')}</span></p>
      <span class="row">
        <button type="button" class="btn s" data-testid="take-theirs" onClick={() => ctrl.settle(clash.field, true)}>{t('form.takeTheirs')}</button>
        <button type="button" class="btn s" data-testid="take-mine" onClick={() => ctrl.settle(clash.field, false)}>{t('form.takeMine')}</button>
      </span>
    </li>
  );
}

function Trouble({ ctrl }: { ctrl: FormCtrl }) {
  const clashes = ctrl.clashes.value;
  if (clashes.length > 0) {
    return (
      <section class="note warn clashes" role="alert" data-testid="conflict">
        <Icon name="users" size={18} />
        <div class="grow"><b>{t('form.conflict')}</b><p>{t('form.conflictText')}</p>
          <ul>{clashes.map((c) => <ClashRow key={c.field} ctrl={ctrl} clash={c} />)}</ul></div>
      </section>
    );
  }
  if (!ctrl.failed.value) return null;
  return <p class="note bad" role="alert" data-testid="save-failed"><Icon name="warn" size={18} /><span>{t('form.failed')} {problemText(ctrl.failed.value)}</span></p>;
}

function saveLabel(ctrl: FormCtrl, show: Show | null): string {
  if (ctrl.busy.value) return t('form.saving');
  if (show && show.state !== 'draft') return t('form.save');
  return t(ctrl.draft.value.starts ? 'form.schedule' : 'form.saveDraft');
}

/** Warns before a page with unsaved changes is left. */
function useGuard(ctrl: FormCtrl): void {
  useEffect(() => {
    const guard = (e: BeforeUnloadEvent): void => {
      if (ctrl.dirty.value) e.preventDefault();
    };
    addEventListener('beforeunload', guard);
    return () => removeEventListener('beforeunload', guard);
  }, [ctrl]);
}

interface FormProps {
  show: Show | null;
  done: (s: Show) => void;
  back: () => void;
}

/** Everything that a show is before it is on air. */
export function ShowForm({ show, done, back }: FormProps) {
  const [ctrl] = useState(() => new FormCtrl(show));
  useGuard(ctrl);
  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    const form = e.currentTarget as HTMLFormElement;
    const saved = await ctrl.save();
    if (saved) {
      toast(t(ctrl.taken.value.length > 0 ? 'form.savedMerged' : 'form.saved'), 'ok');
      done(saved);
      return;
    }
    const first = fields.find((f) => ctrl.faults.value[f]);
    const input = first ? form.querySelector<HTMLInputElement>(`[name=${first}]`) : null;
    input?.closest('details')?.setAttribute('open', ''); // what is folded away cannot be gone to
    input?.focus();
  }
  return (
    <form class="show-form" onSubmit={(e) => void submit(e)} noValidate>
      <Head title={t(show ? 'form.edit' : 'form.new')} back={back}>
        <button type="submit" class="btn pri" data-testid="save" aria-disabled={ctrl.busy.value || ctrl.clashes.value.length > 0}>{saveLabel(ctrl, show)}</button>
      </Head>
      <Trouble ctrl={ctrl} />
      <div class="g2">
        <div class="stack"><Titles ctrl={ctrl} /><Details ctrl={ctrl} /><Covers ctrl={ctrl} /></div>
        <Looks ctrl={ctrl} />
      </div>
    </form>
  );
}

export function NewShow() {
  useTitle(t('form.new'));
  return (
    <Frame at="new">
      <ShowForm show={null} done={(s) => go(`/studio/shows/${s.id}`, { replace: true })} back={() => go('/studio')} />
    </Frame>
  );
}
