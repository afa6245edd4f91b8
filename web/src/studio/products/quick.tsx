import { useRef } from 'preact/hooks';
import { symbolOf } from '../../i18n/money.ts';
import { Icon } from '../../ui/icon.tsx';
import { toast } from '../../ui/toast.tsx';
import { problemText } from '../say.ts';
import { t } from '../strings.ts';
import { pictureTypes } from '../upload.ts';
import type { PictureCtrl, QuickCtrl, QuickField } from './ctrl.ts';
import type { Product } from './types.ts';

/** A square to press: the picture that was chosen, with how far it has come. */
export function PictureButton({ ctrl, label, testId }: { ctrl: PictureCtrl; label: string; testId: string }) {
  const part = ctrl.part.value;
  const src = ctrl.file.value?.sizes?.['160'] ?? ctrl.preview.value;
  return (
    <label class={`up${src ? ' has' : ''}${ctrl.failed.value ? ' err' : ''}`} data-testid={testId} data-state={ctrl.failed.value ? 'failed' : ctrl.file.value ? 'ready' : part === null ? 'none' : 'sending'}>
      <input type="file" class="vh" accept={pictureTypes} aria-label={label}
        onChange={(e) => { const f = e.currentTarget.files?.[0]; e.currentTarget.value = ''; if (f) void ctrl.choose(f); }} />
      {src ? <img src={src} alt="" /> : <><Icon name="plus" size={22} /><span class="xs">{label}</span></>}
      {part !== null && <progress class="meter" max={1} value={part} aria-label={t('up.sending')} />}
    </label>
  );
}

interface FieldProps {
  ctrl: QuickCtrl;
  field: QuickField;
  label: string;
  placeholder: string;
  mode?: 'decimal' | 'numeric';
}

function Field({ ctrl, field, label, placeholder, mode }: FieldProps) {
  const fault = ctrl.faults.value[field];
  const value = ctrl[field];
  return (
    <div class={`qf ${field}`}>
      <label class="fld"><span class="lb">{label}</span>
        <input class={`inp${fault ? ' err' : ''}${mode ? ' num' : ''}`} value={value.value} placeholder={placeholder} inputMode={mode ?? 'text'} autoComplete="off" maxLength={80}
          aria-invalid={fault !== undefined} aria-describedby={`q-${field}`} data-testid={`quick-${field}`} onInput={(e) => { value.value = e.currentTarget.value; }} />
      </label>
      <span id={`q-${field}`} role="alert">{fault && <span class="errmsg"><Icon name="warn" size={16} />{t(`fault.${fault}`, { n: 80 })}</span>}</span>
    </div>
  );
}

/** Picture, name, price, quantity: a product is on sale after one press. */
export function QuickAdd({ ctrl, added }: { ctrl: QuickCtrl; added: (p: Product) => void }) {
  const form = useRef<HTMLFormElement>(null);
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    const made = await ctrl.save();
    if (made) {
      toast(t('quick.done'), 'ok');
      added(made);
      form.current?.querySelector<HTMLInputElement>('[data-testid=quick-title]')?.focus();
      return;
    }
    form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }
  const failed = ctrl.picture.failed.value ?? ctrl.failed.value;
  return (
    <form class="card qa" ref={form} aria-label={t('quick.title')} onSubmit={(e) => void submit(e)} noValidate>
      <PictureButton ctrl={ctrl.picture} label={t('quick.picture')} testId="quick-picture" />
      <Field ctrl={ctrl} field="title" label={t('quick.name')} placeholder={t('quick.nameHint')} />
      <Field ctrl={ctrl} field="price" label={t('quick.price', { currency: symbolOf(ctrl.currency()) })} placeholder="280" mode="decimal" />
      <Field ctrl={ctrl} field="quantity" label={t('quick.quantity')} placeholder="12" mode="numeric" />
      <button type="submit" class="btn pri" aria-disabled={ctrl.busy.value} data-testid="quick-save">{ctrl.busy.value ? t('form.saving') : t('quick.add')}</button>
      {failed && <p class="note bad qbad" role="alert"><Icon name="warn" size={18} /><span>{ctrl.picture.failed.value ? t('quick.pictureFailed') : ''} {ctrl.picture.failed.value?.code === 'input' ? ctrl.picture.failed.value.message : problemText(failed)}</span></p>}
    </form>
  );
}
