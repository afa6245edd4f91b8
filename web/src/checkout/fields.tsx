import type { JSX } from 'preact';
import { tp } from '../pay/strings.ts';
import { Icon } from '../ui/icon.tsx';
import type { CheckoutCtrl } from './ctrl.ts';
import type { Form } from './form.ts';

type TextField = { [K in keyof Form]: Form[K] extends string ? K : never }[keyof Form];

/** What is wrong with a field, right under it. */
export function FaultText({ ctrl, field }: { ctrl: CheckoutCtrl; field: string }) {
  const f = ctrl.faultOf(field);
  return (
    <span id={`e-${field}`} class="errmsg" role={f ? 'alert' : undefined} hidden={!f}>
      {f && <><Icon name="warn" size={16} /><span>{tp(f.key, { n: f.n ?? 0, why: f.why ?? '' })}</span></>}
    </span>
  );
}

interface FieldProps {
  ctrl: CheckoutCtrl;
  field: TextField;
  label: string;
  input?: Pick<JSX.InputHTMLAttributes, 'type' | 'inputMode' | 'autoComplete' | 'maxLength' | 'placeholder' | 'autoCapitalize' | 'list'>;
  num?: boolean;
}

export function Field({ ctrl, field, label, input = {}, num = false }: FieldProps) {
  const bad = ctrl.faultOf(field) !== undefined;
  return (
    <label class="fld"><span class="lb">{label}</span>
      <input class={`inp${num ? ' num' : ''}${bad ? ' err' : ''}`} name={field} value={ctrl.form.value[field] as string} data-testid={`co-${field}`}
        aria-invalid={bad || undefined} aria-describedby={`e-${field}`} {...input} onInput={(e) => ctrl.set({ [field]: e.currentTarget.value })} />
      <FaultText ctrl={ctrl} field={field} />
    </label>
  );
}
