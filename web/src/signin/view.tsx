import { useState } from 'preact/hooks';
import { asProblem, session, type Problem } from '../api/http.ts';
import { signIn, signOut } from '../api/sessions.ts';
import { t } from '../i18n/index.ts';
import { causeKey } from '../ui/error-box.tsx';
import { Icon, Logo } from '../ui/icon.tsx';
import { go, safeNext } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';
import './style.css';

interface Faults {
  email?: string;
  password?: string;
  form?: string;
}

const looksLikeEmail = (s: string): boolean => /^\S+@\S+$/.test(s);

function missing(email: string, password: string): Faults {
  const out: Faults = {};
  if (!looksLikeEmail(email)) out.email = t(email ? 'signin.emailBad' : 'signin.emailEmpty');
  if (!password) out.password = t('signin.passwordEmpty');
  return out;
}

function faultsOf(p: Problem): Faults {
  if (p.code === 'bad_login') return { password: t('signin.wrong') };
  if (p.code === 'slow_down') return { form: t('signin.slow', { n: Math.ceil((p.retryMs ?? 60_000) / 1000) }) };
  if (p.code === 'input') return { email: t('signin.emailBad') };
  return { form: t(causeKey(p.code)) };
}

function Err({ id, text }: { id: string; text: string | undefined }) {
  return <span id={id} class="errmsg" role="alert">{text && <><Icon name="warn" size={16} />{text}</>}</span>;
}

function Form({ next }: { next: string }) {
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    if (busy) return;
    const form = e.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const email = String(data.get('email') ?? '').trim();
    const password = String(data.get('password') ?? '');
    let found = missing(email, password);
    if (Object.keys(found).length === 0) {
      setBusy(true);
      try {
        await signIn(email, password);
        go(next, { replace: true });
        return;
      } catch (err) {
        found = faultsOf(asProblem(err));
      } finally {
        setBusy(false);
      }
    }
    setFaults(found);
    const first = found.email ? 'email' : 'password';
    form.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
  }
  return (
    <form class="signin-form" onSubmit={(e) => void submit(e)} noValidate>
      {faults.form && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{faults.form}</span></p>}
      <label class="fld"><span class="lb">{t('signin.email')}</span>
        <input class={`inp${faults.email ? ' err' : ''}`} name="email" type="email" inputMode="email" autoComplete="username" autoCapitalize="none"
          data-testid="email" aria-invalid={Boolean(faults.email)} aria-describedby="e-email" />
      </label>
      <Err id="e-email" text={faults.email} />
      <label class="fld"><span class="lb">{t('signin.password')}</span>
        <span class="pw">
          <input class={`inp${faults.password ? ' err' : ''}`} name="password" type={shown ? 'text' : 'password'} autoComplete="current-password"
            data-testid="password" aria-invalid={Boolean(faults.password)} aria-describedby="e-password" />
          <button type="button" class="icb" aria-label={t(shown ? 'signin.hide' : 'signin.show')} aria-pressed={shown} onClick={() => setShown(!shown)}><Icon name={shown ? 'hide' : 'eye'} size={20} /></button>
        </span>
      </label>
      <Err id="e-password" text={faults.password} />
      <button type="submit" class="btn pri lg wide" data-testid="signin" aria-disabled={busy}>{t(busy ? 'signin.busy' : 'signin.go')}</button>
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

/** Where staff come in. Viewers never need this page. */
export function SignIn() {
  useTitle(t('signin.title'));
  const next = safeNext(new URLSearchParams(location.search).get('next'), '/studio');
  return (
    <div class="signin">
      <div class="scene" aria-hidden="true"><img src="/img/tw-mug.jpg" alt="" /></div>
      <main class="paper">
        <a class="brand" href="/"><Logo size={34} /><b>{t('app')}</b></a>
        <h1>{t('signin.title')}</h1>
        <p class="t2 lead">{t('signin.text')}</p>
        {session.value?.kind === 'account' ? <Already next={next} /> : <Form next={next} />}
        <a class="link" href="/"><Icon name="back" size={16} />{t('notFound.home')}</a>
      </main>
    </div>
  );
}
