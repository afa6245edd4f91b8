import { signal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { asProblem, Problem, session } from '../api/http.ts';
import { listIdentities, prove, startFor } from '../api/people.ts';
import { t as tv } from '../i18n/index.ts';
import { leaveFor } from '../people/enter.ts';
import { Mark } from '../people/marks.tsx';
import { labelOf } from '../people/offer.ts';
import { tw } from '../people/strings.ts';
import { Err } from '../people/ways.tsx';
import { formFault } from '../signin/check.ts';
import { serverNow } from '../ui/clock.ts';
import { Icon } from '../ui/icon.tsx';
import { path } from '../ui/route.ts';
import { Sheet } from '../ui/sheet.tsx';
import { toast } from '../ui/toast.tsx';

interface Asked {
  /** How this account can say again who it is: "password", or names of providers. */
  ways: string[];
  again: () => void;
}

export interface Proof {
  asked: Signal<Asked | null>;
  /** Does it, after asking who one is when that is wanted. What else goes wrong goes to `wrong`. */
  run(act: () => Promise<unknown>, wrong: (p: Problem) => void): Promise<void>;
}

const backMark = 'proved';

/** How this account can prove itself: the refusal says it, else what it signs in by does. */
async function waysOf(p: Problem): Promise<string[]> {
  const said = p.doc['ways'];
  if (Array.isArray(said)) return said.map(String);
  try {
    const { items, password } = await listIdentities();
    return [...(password ? ['password'] : []), ...items.map((i) => i.provider).filter((name) => name !== 'email')];
  } catch {
    return ['password'];
  }
}

function makeProof(): Proof {
  const asked = signal<Asked | null>(null);
  async function run(act: () => Promise<unknown>, wrong: (p: Problem) => void): Promise<void> {
    try {
      await act();
    } catch (e) {
      const p = asProblem(e);
      if (p.code !== 'need_proof') return wrong(p);
      asked.value = { ways: await waysOf(p), again: () => void run(act, wrong) };
    }
  }
  return { asked, run };
}

/** For pages with acts that want a fresh word of who one is. */
export function useProof(): Proof {
  useEffect(() => { // back from a provider with its word: what was wanted is pressed once more
    const here = new URL(location.href);
    if (!here.searchParams.has(backMark)) return;
    here.searchParams.delete(backMark);
    history.replaceState(history.state, '', here.pathname + here.search);
    if ((session.value?.proved_until ?? 0) > serverNow()) toast(tw('proof.back'), 'ok');
  }, []);
  return useMemo(makeProof, []);
}

function ByPassword({ done }: { done: () => void }) {
  const [fault, setFault] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    const password = box.current?.value ?? '';
    if (busy) return;
    setBusy(true);
    try {
      if (!password) throw new Problem(0, { code: 'bad_login' });
      await prove(password);
      done();
    } catch (err) {
      const p = asProblem(err);
      setFault(p.code === 'bad_login' ? (password ? tw('proof.wrong') : tv('signin.passwordEmpty')) : formFault(p));
      box.current?.focus();
    } finally {
      setBusy(false);
    }
  }
  return (
    <form class="proof-form" onSubmit={(e) => void submit(e)} noValidate>
      <label class="fld"><span class="lb">{tv('signin.password')}</span>
        <input ref={box} class={`inp${fault ? ' err' : ''}`} type="password" autoComplete="current-password" data-autofocus data-testid="proof-password"
          aria-invalid={Boolean(fault)} aria-describedby="e-proof" />
        <Err id="e-proof" text={fault} />
      </label>
      <button type="submit" class="btn pri lg wide" data-testid="proof-go" aria-disabled={busy}>{tw('proof.go')}</button>
    </form>
  );
}

function ByProvider({ name }: { name: string }) {
  const [busy, setBusy] = useState(false);
  async function press(): Promise<void> {
    if (busy) return;
    setBusy(true);
    try {
      leaveFor((await startFor(name, 'proof', `${path.value}?${backMark}=1`)).url);
    } catch (e) {
      setBusy(false);
      toast(formFault(asProblem(e)), 'bad');
    }
  }
  return <button type="button" class="btn way wide" data-testid={`proof-${name}`} aria-disabled={busy} onClick={() => void press()}><Mark of={name} /><span>{tw('proof.by', { label: labelOf(name) })}</span></button>;
}

/** "Is it really you?" Over the page that asked. */
export function ProofSheet({ proof }: { proof: Proof }) {
  const asked = proof.asked.value;
  if (!asked) return null;
  const close = (): void => { proof.asked.value = null; };
  const others = asked.ways.filter((w) => w !== 'password');
  return (
    <Sheet title={tw('proof.title')} close={close} testId="proof-sheet">
      <p class="t2">{tw('proof.text')}</p>
      {asked.ways.includes('password') && <ByPassword done={() => { close(); asked.again(); }} />}
      {others.length > 0 && <div class="ways">{others.map((w) => <ByProvider key={w} name={w} />)}</div>}
      {asked.ways.length === 0 && <p class="note bad"><Icon name="warn" size={18} /><span>{tw('proof.none')}</span></p>}
    </Sheet>
  );
}
