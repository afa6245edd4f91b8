import { useState } from 'preact/hooks';
import { asProblem, session, type Problem } from '../api/http.ts';
import { signIn, signOut, signUp } from '../api/sessions.ts';
import { lang, t } from '../i18n/index.ts';
import { causeKey } from '../ui/error-box.tsx';
import { Icon, Logo } from '../ui/icon.tsx';
import { go, safeNext } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';
import './style.css';

type Field = 'name' | 'email' | 'password';
type Faults = Partial<Record<Field | 'form', string>>;

const looksLikeEmail = (s: string): boolean => /^\S+@\S+$/.test(s);
const shortest = 10;
const order: Field[] = ['name', 'email', 'password'];

interface Typed {
  name: string;
  email: string;
  password: string;
}

function missing(of: Typed, up: boolean): Faults {
  const out: Faults = {};
  if (up && !of.name) out.name = t('signin.nameEmpty');
  if (!looksLikeEmail(of.email)) out.email = t(of.email ? 'signin.emailBad' : 'signin.emailEmpty');
  if (!of.password) out.password = t('signin.passwordEmpty');
  else if (up && of.password.length < shortest) out.password = t('signin.passwordShort');
  return out;
}

function faultsOf(p: Problem, up: boolean): Faults {
  if (p.code === 'bad_login') return { password: t('signin.wrong') };
  if (p.code === 'exists' || (up && p.code === 'conflict')) return { email: t('signin.exists') };
  if (p.code === 'slow_down') return { form: t('signin.slow', { n: Math.ceil((p.retryMs ?? 60_000) / 1000) }) };
  if (p.code === 'input') return { email: t('signin.emailBad') };
  return { form: t(causeKey(p.code)) };
}

function Err({ id, text }: { id: string; text: string | undefined }) {
  return <span id={id} class="errmsg" role="alert">{text && <><Icon name="warn" size={16} />{text}</>}</span>;
}

function Password({ fault, up }: { fault: string | undefined; up: boolean }) {
  const [shown, setShown] = useState(false);
  return (
    <>
      <label class="fld"><span class="lb">{t('signin.password')}{up && <span class="hint"> {t('signin.passwordHint')}</span>}</span>
        <span class="pw">
          <input class={`inp${fault ? ' err' : ''}`} name="password" type={shown ? 'text' : 'password'} autoComplete={up ? 'new-password' : 'current-password'}
            data-testid="password" aria-invalid={Boolean(fault)} aria-describedby="e-password" />
          <button type="button" class="icb" aria-label={t(shown ? 'signin.hide' : 'signin.show')} aria-pressed={shown} onClick={() => setShown(!shown)}><Icon name={shown ? 'hide' : 'eye'} size={20} /></button>
        </span>
      </label>
      <Err id="e-password" text={fault} />
    </>
  );
}

function Form({ next, up }: { next: string; up: boolean }) {
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    if (busy) return;
    const form = e.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const text = (name: string): string => String(data.get(name) ?? '').trim();
    const typed = { name: text('name'), email: text('email'), password: String(data.get('password') ?? '') };
    let found = missing(typed, up);
    if (Object.keys(found).length === 0) {
      setBusy(true);
      try {
        await (up ? signUp(typed.name, typed.email, typed.password, lang.value) : signIn(typed.email, typed.password));
        go(next, { replace: true });
        return;
      } catch (err) {
        found = faultsOf(asProblem(err), up);
      } finally {
        setBusy(false);
      }
    }
    setFaults(found);
    const first = order.find((f) => found[f]) ?? 'email';
    form.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
  }
  return (
    <form class="signin-form" onSubmit={(e) => void submit(e)} noValidate>
      {faults.form && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{faults.form}</span></p>}
      {up && (
        <><label class="fld"><span class="lb">{t('signin.name')}</span>
          <input class={`inp${faults.name ? ' err' : ''}`} name="name" autoComplete="nickname" maxLength={24} data-testid="name" aria-invalid={Boolean(faults.name)} aria-describedby="e-name" />
        </label><Err id="e-name" text={faults.name} /></>
      )}
      <label class="fld"><span class="lb">{t('signin.email')}</span>
        <input class={`inp${faults.email ? ' err' : ''}`} name="email" type="email" inputMode="email" autoComplete="username" autoCapitalize="none"
          data-testid="email" aria-invalid={Boolean(faults.email)} aria-describedby="e-email" />
      </label>
      <Err id="e-email" text={faults.email} />
      <Password fault={faults.password} up={up} />
      <button type="submit" class="btn pri lg wide" data-testid={up ? 'signup' : 'signin'} aria-disabled={busy}>{t(busy ? 'signin.busy' : up ? 'signin.goUp' : 'signin.go')}</button>
    </form>
  );
}

function Already({ next }: { next: string }) {
  const name = session.value?.viewer?.name ?? '';
  return (
    <div class="signin-form">
      <p class="note ok"><Icon name="check" size={18} /><span>{t('signin.already', { name })}</span></p>
      <a class="btn pri lg wide" href={next}>{t('signin.goOn')}</a>
      <button type="button" class="btn wide" data-testid="signout" onClick={() => void signOut().catch(() => undefined)}>{t('signin.out')}</button>
    </div>
  );
}

/** Where staff come in, and buyers who want their orders on every phone. Nobody needs it to buy. */
export function SignIn() {
  const next = safeNext(new URLSearchParams(location.search).get('next'), '/studio');
  const staff = next.startsWith('/studio');
  const [up, setUp] = useState(false);
  const title = t(up ? 'signin.upTitle' : staff ? 'signin.title' : 'signin.buyerTitle');
  useTitle(title);
  return (
    <div class="signin">
      <div class="scene" aria-hidden="true"><img src="/img/tw-mug.jpg" alt="" /></div>
      <main class="paper">
        <a class="brand" href="/"><Logo size={34} /><b>{t('app')}</b></a>
        <h1>{title}</h1>
        <p class="t2 lead">{t(up ? 'signin.upText' : staff ? 'signin.text' : 'signin.buyerText')}</p>
        {session.value?.kind === 'account' ? <Already next={next} /> : <Form key={String(up)} next={next} up={up} />}
        {!staff && session.value?.kind !== 'account' && (
          <button type="button" class="link other" data-testid="to-up" onClick={() => setUp(!up)}>{t(up ? 'signin.toIn' : 'signin.toUp')}</button>
        )}
        <a class="link" href="/"><Icon name="back" size={16} />{t('notFound.home')}</a>
      </main>
    </div>
  );
}
