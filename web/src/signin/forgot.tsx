import { useEffect, useRef, useState } from 'preact/hooks';
import { asProblem } from '../api/http.ts';
import { forgotPassword, resetPassword } from '../api/people.ts';
import { t } from '../i18n/index.ts';
import { tw } from '../people/strings.ts';
import { Icon } from '../ui/icon.tsx';
import { codeFault, codeOf, emailFault, formFault, kept, passwordFault, refusedPassword, type Faults } from './check.ts';
import { CodeField, EmailField, FormFault, PasswordField } from './fields.tsx';

function Ask({ sent }: { sent: (email: string) => void }) {
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    if (busy) return;
    const form = e.currentTarget as HTMLFormElement;
    const email = String(new FormData(form).get('email') ?? '').trim();
    const bad = emailFault(email);
    if (bad) {
      setFaults({ email: bad });
      form.querySelector('input')?.focus();
      return;
    }
    setBusy(true);
    try {
      await forgotPassword(email);
      sent(email);
    } catch (err) {
      const p = asProblem(err);
      setFaults(p.code === 'input' ? { email: t('signin.emailBad') } : { form: p.code === 'closed' ? tw('email.noMail') : formFault(p) });
    } finally {
      setBusy(false);
    }
  }
  return (
    <form class="signin-form" onSubmit={(e) => void submit(e)} noValidate>
      <FormFault text={faults.form} />
      <EmailField fault={faults.email} />
      <button type="submit" class="btn pri lg wide" data-testid="forgot-go" aria-disabled={busy}>{tw('forgot.go')}</button>
    </form>
  );
}

interface ResetProps {
  email: string;
  done: () => void;
  again: () => void;
}

function Reset({ email, done, again }: ResetProps) {
  const form = useRef<HTMLFormElement>(null);
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    if (busy || !form.current) return;
    const data = new FormData(form.current);
    const code = codeOf(String(data.get('code') ?? ''));
    const password = String(data.get('password') ?? '');
    let found = kept({ code: codeFault(code), password: passwordFault(password, true) } as Faults);
    if (!found.first) {
      setBusy(true);
      try {
        await resetPassword(email, code, password);
        done();
        return;
      } catch (err) {
        const p = asProblem(err);
        found = kept(p.code === 'bad_code' ? { code: tw('code.wrong') } : p.code === 'input' ? { password: refusedPassword(password) } : { form: formFault(p) });
      } finally {
        setBusy(false);
      }
    }
    setFaults(found.faults);
    form.current.querySelector<HTMLInputElement>(`[name=${found.first ?? 'code'}]`)?.focus();
  }
  return (
    <form class="signin-form" onSubmit={(e) => void submit(e)} noValidate ref={form}>
      <p class="note" role="status"><Icon name="mail" size={18} /><span>{tw('forgot.sent', { email })}</span></p>
      <FormFault text={faults.form} />
      <CodeField fault={faults.code} label={tw('code.label')} />
      <PasswordField fault={faults.password} fresh label={tw('forgot.newPassword')} />
      <button type="submit" class="btn pri lg wide" data-testid="reset-go" aria-disabled={busy}>{tw('forgot.reset')}</button>
      <button type="button" class="link other" data-testid="forgot-again" onClick={again}>{tw('code.again')}</button>
    </form>
  );
}

/** A new password by a code that was mailed. Whether there is such an account is not said. */
export function Forgot({ done }: { done: () => void }) {
  const [email, setEmail] = useState<string | null>(null);
  return email === null ? <Ask sent={setEmail} /> : <Reset email={email} done={done} again={() => setEmail(null)} />;
}
