import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { causeKey } from '../ui/error-box.tsx';
import { Icon } from '../ui/icon.tsx';
import type { RoomCtrl } from './ctrl.ts';

const longestName = 24;

/** Asks a guest for a name; what was typed before stays in sight and is sent right after. */
export function NameForm({ ctrl, first }: { ctrl: RoomCtrl; first: boolean }) {
  const [name, setName] = useState(ctrl.named.value ?? '');
  const [empty, setEmpty] = useState(false);
  const [busy, setBusy] = useState(false);
  const failed = ctrl.nameFailed.value;
  const draft = ctrl.draft.value.trim();
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    const wanted = name.trim();
    setEmpty(!wanted);
    if (!wanted || busy) {
      (e.currentTarget as HTMLElement | null)?.querySelector('input')?.focus();
      return;
    }
    setBusy(true);
    await ctrl.takeName(wanted);
    setBusy(false);
  }
  const problem = empty ? t('name.empty') : failed && t(failed === 'input' ? 'name.bad' : causeKey(failed));
  return (
    <form class={first ? 'name-form' : 'name-form beside'} onSubmit={(e) => void submit(e)} noValidate data-testid="name-sheet">
      <label class="fld"><span class="lb">{t('name.label')}</span>
        <input class={`inp${problem ? ' err' : ''}`} value={name} maxLength={longestName} data-autofocus={first || undefined} data-testid="name-input"
          autoComplete="nickname" enterKeyHint="send" aria-invalid={problem ? true : undefined} aria-describedby="name-err"
          onInput={(e) => { setName(e.currentTarget.value); setEmpty(false); }} />
      </label>
      <p id="name-err" class={problem ? 'errmsg' : 'xs t2 name-hint'}>{problem ? <><Icon name="warn" size={16} />{problem}</> : t('name.hint')}</p>
      <button type="submit" class={`btn wide${first ? ' pri lg' : ''}`} data-testid="name-save" aria-disabled={busy}>{t(draft ? 'name.saveSend' : 'name.save')}</button>
    </form>
  );
}
