import { useState } from 'preact/hooks';
import type { Message } from '../../api/types.ts';
import { Icon } from '../../ui/icon.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { toast } from '../../ui/toast.tsx';
import { langAttr } from '../../ui/words.tsx';
import type { Move } from '../api.ts';
import { GiftSheet } from '../draws/sheet.tsx';
import { SaleSheets } from '../sale/sheets.tsx';
import { t } from '../strings.ts';
import type { ShowCtrl } from './ctrl.ts';
import { shortcuts } from './shortcuts.ts';

const longestNotice = 200;

function closer(ctrl: ShowCtrl): () => void {
  return () => {
    ctrl.panel.value = null;
  };
}

function MessageSheet({ ctrl, m }: { ctrl: ShowCtrl; m: Message }) {
  const close = closer(ctrl);
  const then = (act: () => void) => (): void => {
    close();
    act();
  };
  async function pin(): Promise<void> {
    if (await ctrl.pin(m.text)) toast(t('announce.done'), 'ok');
  }
  return (
    <Sheet title={m.name} close={close} testId="message-sheet">
      <p class="quote" {...langAttr(m.lang)}>{m.text}</p>
      <div class="sheet-list">
        {ctrl.sale.run.value.length > 0 && m.badge === null && <button type="button" class="btn wide" data-testid="mod-assist" onClick={then(() => { ctrl.sale.panel.value = { is: 'assist', message: m.id, name: m.name, text: m.text }; })}><Icon name="cart" />{t('assist.open')}</button>}
        <button type="button" class="btn wide" data-testid="mod-hide" onClick={then(() => void ctrl.setMessage(m.id, 'hidden'))}><Icon name="hide" />{t('mod.hideLong')}</button>
        {m.badge === null && <button type="button" class="btn wide" data-testid="mod-mute" onClick={then(() => void ctrl.punish(m, 'mute'))}><Icon name="mutep" />{t('mod.muteLong')}</button>}
        {m.badge === null && <button type="button" class="btn wide danger" data-testid="mod-ban" onClick={then(() => void ctrl.punish(m, 'ban'))}><Icon name="user" />{t('mod.ban')}</button>}
        <button type="button" class="btn wide" data-testid="mod-pin" onClick={then(() => void pin())}><Icon name="pin" />{t('mod.pin')}</button>
      </div>
    </Sheet>
  );
}

function AnnounceSheet({ ctrl }: { ctrl: ShowCtrl }) {
  const close = closer(ctrl);
  const now = ctrl.pinned.value?.text ?? '';
  const [text, setText] = useState(now);
  async function save(value: string | null): Promise<void> {
    if (!(await ctrl.pin(value))) return;
    close();
    toast(t(value === null ? 'announce.gone' : 'announce.done'), 'ok');
  }
  function submit(e: Event): void {
    e.preventDefault();
    if (text.trim()) void save(text.trim());
  }
  return (
    <Sheet title={t('announce.title')} close={close} testId="announce-sheet">
      <form onSubmit={submit}>
        <label class="fld"><span class="lb">{t('announce.label')}</span>
          <textarea class="inp" rows={3} maxLength={longestNotice} value={text} data-autofocus data-testid="announce-text" onInput={(e) => setText(e.currentTarget.value)} />
        </label>
        <p class="xs t2">{t('announce.hint')} <span class="num">{[...text].length}/{longestNotice}</span></p>
        <div class="sheet-acts">
          {now && <button type="button" class="btn" data-testid="announce-remove" onClick={() => void save(null)}>{t('announce.remove')}</button>}
          <button type="submit" class="btn pri" aria-disabled={!text.trim()} data-testid="announce-save">{t('announce.save')}</button>
        </div>
      </form>
    </Sheet>
  );
}

interface ConfirmProps {
  ctrl: ShowCtrl;
  move: Move;
  title: string;
  points: string[];
  yes: string;
  no: string;
}

/** Says what will happen before it does. The safe answer has the focus. */
function Confirm({ ctrl, move, title, points, yes, no }: ConfirmProps) {
  const close = closer(ctrl);
  return (
    <Sheet title={title} close={close} testId={`${move}-sheet`}>
      <ul class="points">{points.map((p) => <li key={p}>{p}</li>)}</ul>
      <div class="sheet-acts">
        <button type="button" class="btn" data-autofocus data-testid={`${move}-back`} onClick={close}>{no}</button>
        <button type="button" class="btn chili" aria-disabled={ctrl.busy.value !== null} data-testid={`${move}-confirm`} onClick={() => void ctrl.move(move)}>{yes}</button>
      </div>
    </Sheet>
  );
}

function KeysSheet({ ctrl }: { ctrl: ShowCtrl }) {
  return (
    <Sheet title={t('keys.title')} close={closer(ctrl)} testId="keys-sheet">
      <dl class="keylist">{shortcuts.map((s) => <div key={s.key}><dt class="key">{s.show}</dt><dd>{t(s.says)}</dd></div>)}</dl>
    </Sheet>
  );
}

/** Whatever lies over the show's screens now. */
export function Dialogs({ ctrl }: { ctrl: ShowCtrl }) {
  const panel = ctrl.panel.value;
  switch (panel?.is) {
    case 'message':
      return <MessageSheet ctrl={ctrl} m={panel.message} />;
    case 'announce':
      return <AnnounceSheet ctrl={ctrl} />;
    case 'gift':
      return <GiftSheet ctrl={ctrl.sale} close={closer(ctrl)} />;
    case 'keys':
      return <KeysSheet ctrl={ctrl} />;
    case 'end':
      return <Confirm ctrl={ctrl} move="end" title={t('end.title')} points={[t('end.1'), t('end.2'), t('end.3')]} yes={t('end.yes')} no={t('end.no')} />;
    case 'cancel':
      return <Confirm ctrl={ctrl} move="cancel" title={t('cancel.title')} points={[t('cancel.1'), t('cancel.2')]} yes={t('cancel.yes')} no={t('cancel.no')} />;
    case 'archive':
      return <Confirm ctrl={ctrl} move="archive" title={t('archive.title')} points={[t('archive.1'), t('archive.2')]} yes={t('archive.yes')} no={t('archive.no')} />;
    default:
      return <SaleSheets ctrl={ctrl.sale} />;
  }
}
