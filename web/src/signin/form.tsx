import { useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api/http.ts';
import { signIn, signUp } from '../api/sessions.ts';
import { lang, t } from '../i18n/index.ts';
import { tw } from '../people/strings.ts';
import { Agree, Err } from '../people/ways.tsx';
import { emailFault, formFault, kept, passwordFault, refusedPassword, type Faults } from './check.ts';
import { EmailField, FormFault, News, PasswordField } from './fields.tsx';

interface Typed {
  name: string;
  email: string;
  password: string;
  marketing: boolean;
}

const typedIn = (form: HTMLFormElement): Typed => {
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name) ?? '').trim();
  return { name: text('name'), email: text('email'), password: String(data.get('password') ?? ''), marketing: data.get('marketing') !== null };
};

const missing = (of: Typed, up: boolean): Faults => ({
  ...(up && !of.name ? { name: t('signin.nameEmpty') } : {}),
  ...({ email: emailFault(of.email), password: passwordFault(of.password, up) } as Faults),
});

function faultsOf(p: Problem, up: boolean, password: string): Faults {
  if (p.code === 'bad_login') return { password: t('signin.wrong') };
  if (p.code === 'exists' || (up && p.code === 'conflict')) return { email: t('signin.exists') };
  if (p.code === 'input') return p.fields['password'] ? { password: refusedPassword(password) } : { email: t('signin.emailBad') };
  return { form: formFault(p) };
}

interface FormProps {
  up: boolean;
  done: () => void;
  forgot: () => void;
}

/** E-mail and password: to come in, or for a new account. */
export function Form({ up, done, forgot }: FormProps) {
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    if (busy) return;
    const form = e.currentTarget as HTMLFormElement;
    const of = typedIn(form);
    let found = kept(missing(of, up));
    if (!found.first) {
      setBusy(true);
      try {
        await (up ? signUp(of.name, of.email, of.password, lang.value, of.marketing) : signIn(of.email, of.password));
        done();
        return;
      } catch (err) {
        found = kept(faultsOf(asProblem(err), up, of.password));
      } finally {
        setBusy(false);
      }
    }
    setFaults(found.faults);
    form.querySelector<HTMLInputElement>(`[name=${found.first ?? 'email'}]`)?.focus();
  }
  return (
    <form class="signin-form" onSubmit={(e) => void submit(e)} noValidate>
      <FormFault text={faults.form} />
      {up && (
        <><label class="fld"><span class="lb">{t('signin.name')}</span>
          <input class={`inp${faults.name ? ' err' : ''}`} name="name" autoComplete="nickname" maxLength={24} data-testid="name" aria-invalid={Boolean(faults.name)} aria-describedby="e-name" />
        </label><Err id="e-name" text={faults.name} /></>
      )}
      <EmailField fault={faults.email} />
      <PasswordField fault={faults.password} fresh={up} />
      {!up && <button type="button" class="link forgot" data-testid="to-forgot" onClick={forgot}>{tw('forgot.link')}</button>}
      {up && <News />}
      <button type="submit" class="btn pri lg wide" data-testid={up ? 'signup' : 'signin'} aria-disabled={busy}>{t(busy ? 'signin.busy' : up ? 'signin.goUp' : 'signin.go')}</button>
      {up && <Agree />}
    </form>
  );
}
