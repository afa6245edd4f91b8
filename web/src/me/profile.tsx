import { useEffect, useState } from 'preact/hooks';
import { asProblem, session, type Problem } from '../api/http.ts';
import { askEmail, confirmEmail, getMe } from '../api/people.ts';
import { rename } from '../api/sessions.ts';
import type { Me } from '../api/types.ts';
import { t as tv } from '../i18n/index.ts';
import { tw } from '../people/strings.ts';
import { Err } from '../people/ways.tsx';
import { codeFault, codeOf, emailFault, formFault } from '../signin/check.ts';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toast.tsx';
import { ProofSheet, useProof, type Proof } from './proof.tsx';
import { Tab } from './tab.tsx';
import './style.css';

const longestName = 24;

function Name() {
  const now = session.value?.viewer?.name ?? '';
  const [name, setName] = useState(now);
  const [fault, setFault] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    if (busy) return;
    if (!name.trim()) return setFault(tv('signin.nameEmpty'));
    setBusy(true);
    try {
      await rename(name.trim());
      setFault(undefined);
      toast(tw('profile.saved'), 'ok');
    } catch (err) {
      const p = asProblem(err);
      setFault(p.code === 'input' ? tv('name.bad') : formFault(p));
    } finally {
      setBusy(false);
    }
  }
  return (
    <form class="card one-field" onSubmit={(e) => void submit(e)} noValidate>
      <label class="fld grow"><span class="lb">{tw('profile.name')}</span>
        <input class={`inp${fault ? ' err' : ''}`} value={name} maxLength={longestName} autoComplete="nickname" data-testid="me-name" aria-invalid={Boolean(fault)} aria-describedby="e-name"
          onInput={(e) => { setName(e.currentTarget.value); setFault(undefined); }} />
        <Err id="e-name" text={fault} />
      </label>
      <p class="xs t2">{tw('profile.nameHint')}</p>
      <button type="submit" class="btn" data-testid="me-name-save" aria-disabled={busy || name.trim() === now}>{tw('save')}</button>
    </form>
  );
}

interface CodeProps {
  email: string;
  done: (me: Me) => void;
  again: () => void;
}

function Code({ email, done, again }: CodeProps) {
  const [code, setCode] = useState('');
  const [fault, setFault] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    if (busy) return;
    const typed = codeOf(code);
    const bad = codeFault(typed);
    if (bad) return setFault(bad);
    setBusy(true);
    try {
      done(await confirmEmail(typed));
    } catch (err) {
      const p = asProblem(err);
      setFault(p.code === 'bad_code' ? tw('code.wrong') : p.code === 'exists' ? tw('email.taken') : formFault(p));
    } finally {
      setBusy(false);
    }
  }
  return (
    <form class="card one-field" onSubmit={(e) => void submit(e)} noValidate>
      <p class="note" role="status"><Icon name="mail" size={18} /><span>{tw('email.sent', { email })}</span></p>
      <label class="fld grow"><span class="lb">{tw('code.label')}</span>
        <input class={`inp num code-in${fault ? ' err' : ''}`} value={code} inputMode="numeric" autoComplete="one-time-code" maxLength={12} data-testid="email-code"
          aria-invalid={Boolean(fault)} aria-describedby="e-code" onInput={(e) => { setCode(e.currentTarget.value); setFault(undefined); }} />
        <Err id="e-code" text={fault} />
      </label>
      <div class="row"><button type="submit" class="btn pri" data-testid="email-confirm" aria-disabled={busy}>{tw('email.confirm')}</button>
        <button type="button" class="link" onClick={again}>{tw('code.again')}</button></div>
    </form>
  );
}

function mailWrong(p: Problem): string {
  switch (p.code) {
    case 'input':
      return tv('signin.emailBad');
    case 'closed':
      return tw('email.noMail');
    case 'exists':
    case 'conflict':
      return tw('email.taken');
    default:
      return formFault(p);
  }
}

function Email({ proof }: { proof: Proof }) {
  const [me, setMe] = useState<Me | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const [fault, setFault] = useState<string | undefined>();
  useEffect(() => {
    getMe().then(setMe, () => undefined);
  }, []);
  const email = typed ?? me?.email ?? '';
  function submit(e: SubmitEvent): void {
    e.preventDefault();
    const to = email.trim();
    const bad = emailFault(to);
    if (bad) return setFault(bad);
    void proof.run(async () => {
      await askEmail(to);
      setFault(undefined);
      setSentTo(to);
    }, (p) => setFault(mailWrong(p)));
  }
  if (sentTo) {
    return <Code email={sentTo} again={() => setSentTo(null)} done={(now) => { setMe(now); setSentTo(null); setTyped(null); toast(tw('email.done'), 'ok'); }} />;
  }
  const proved = me?.email_verified === true && email === me.email;
  return (
    <form class="card one-field" onSubmit={submit} noValidate>
      <label class="fld grow"><span class="lb">{tv('signin.email')}{me?.email && email === me.email && <span class={`pill ${proved ? 'ok' : 'warn'}`}><Icon name={proved ? 'check' : 'warn'} size={14} />{tw(proved ? 'email.ok' : 'email.open')}</span>}</span>
        <input class={`inp${fault ? ' err' : ''}`} type="email" inputMode="email" autoComplete="email" autoCapitalize="none" value={email} data-testid="me-email"
          aria-invalid={Boolean(fault)} aria-describedby="e-email" onInput={(e) => { setTyped(e.currentTarget.value); setFault(undefined); }} />
        <Err id="e-email" text={fault} />
      </label>
      <p class="xs t2">{tw('email.hint')}</p>
      {!proved && <button type="submit" class="btn" data-testid="me-email-go">{tw('email.go')}</button>}
    </form>
  );
}

/** `/me/profile`: name and address. */
export function ProfilePage() {
  const proof = useProof();
  return (
    <Tab title={tw('tab.profile')} testId="me-profile">
      <Name />
      <Email proof={proof} />
      <ProofSheet proof={proof} />
    </Tab>
  );
}
