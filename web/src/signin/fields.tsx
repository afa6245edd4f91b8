import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { tw } from '../people/strings.ts';
import { Err } from '../people/ways.tsx';
import { Icon } from '../ui/icon.tsx';
import './style.css';

interface FieldProps {
  fault: string | undefined;
  value?: string;
}

export function EmailField({ fault, value, testId = 'email' }: FieldProps & { testId?: string }) {
  return (
    <>
      <label class="fld"><span class="lb">{t('signin.email')}</span>
        <input class={`inp${fault ? ' err' : ''}`} name="email" type="email" inputMode="email" autoComplete="username" autoCapitalize="none" defaultValue={value}
          data-testid={testId} aria-invalid={Boolean(fault)} aria-describedby="e-email" />
      </label>
      <Err id="e-email" text={fault} />
    </>
  );
}

export function CodeField({ fault, label }: FieldProps & { label: string }) {
  return (
    <>
      <label class="fld"><span class="lb">{label}</span>
        <input class={`inp num code-in${fault ? ' err' : ''}`} name="code" inputMode="numeric" autoComplete="one-time-code" maxLength={12}
          data-testid="email-code" aria-invalid={Boolean(fault)} aria-describedby="e-code" />
      </label>
      <Err id="e-code" text={fault} />
    </>
  );
}

export function PasswordField({ fault, fresh, testId = 'password', label }: FieldProps & { fresh: boolean; testId?: string; label?: string }) {
  const [shown, setShown] = useState(false);
  return (
    <>
      <label class="fld"><span class="lb">{label ?? t('signin.password')}{fresh && <span class="hint"> {t('signin.passwordHint')}</span>}</span>
        <span class="pw">
          <input class={`inp${fault ? ' err' : ''}`} name="password" type={shown ? 'text' : 'password'} autoComplete={fresh ? 'new-password' : 'current-password'}
            data-testid={testId} aria-invalid={Boolean(fault)} aria-describedby="e-password" />
          <button type="button" class="icb" aria-label={t(shown ? 'signin.hide' : 'signin.show')} aria-pressed={shown} onClick={() => setShown(!shown)}><Icon name={shown ? 'hide' : 'eye'} size={20} /></button>
        </span>
      </label>
      <Err id="e-password" text={fault} />
    </>
  );
}

export function FormFault({ text }: { text: string | undefined }) {
  return text ? <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{text}</span></p> : null;
}

/** Marketing is asked apart, and nobody has said yes before they have. */
export function News() {
  return (
    <label class="row news"><input type="checkbox" class="cb" name="marketing" data-testid="marketing" /><span class="sm">{tw('up.news')}</span></label>
  );
}
