import { useState } from 'preact/hooks';
import { asProblem, session, type Problem } from '../api/http.ts';
import { deleteMe, lookDeletion, type Deletion } from '../api/people.ts';
import { forgetTab } from '../api/sessions.ts';
import { tw } from '../people/strings.ts';
import { Err } from '../people/ways.tsx';
import { cart } from '../shop/cart.ts';
import { formFault } from '../signin/check.ts';
import { Icon } from '../ui/icon.tsx';
import { go } from '../ui/route.ts';
import { leaveCorner } from '../ui/stay.ts';
import { toast } from '../ui/toast.tsx';
import type { Proof } from './proof.tsx';
import { StaysList, whatText } from './stays.tsx';

/** What this browser has kept of somebody who is no more. */
async function forgetHere(): Promise<void> {
  const { forget } = await import('../offline/keep.ts');
  forget();
  forgetTab();
}

/** The word in the reader's language; the English one is understood by everybody. */
const same = (typed: string, word: string): boolean => [word, 'delete'].includes(typed.normalize('NFKC').trim().toLowerCase());

function Preview({ of, proof, close }: { of: Deletion; proof: Proof; close: () => void }) {
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string | undefined>();
  const word = tw('delete.word');
  function submit(e: SubmitEvent): void {
    e.preventDefault();
    if (!same(typed, word)) return setFault(tw('delete.typeIt', { word }));
    void proof.run(async () => {
      const { url } = await deleteMe();
      await forgetHere();
      cart.value = null;
      leaveCorner();
      session.value = null;
      go(new URL(url, location.origin).pathname, { replace: true });
    }, (p: Problem) => setFault(p.code === 'conflict' ? tw('delete.blocked') : formFault(p)));
  }
  if (of.blocked.length > 0) {
    return (
      <div class="note warn" role="alert"><Icon name="warn" size={18} /><div><p>{tw('delete.owner')}</p>
        <ul>{of.blocked.map((s) => <li key={s.shop}><a class="doc" href="/studio/staff">{s.name}</a></li>)}</ul></div></div>
    );
  }
  return (
    <form class="delete-form" onSubmit={submit} noValidate data-testid="delete-preview">
      <h3>{tw('delete.goes')}</h3>
      <p class="sm goes">{of.goes.filter((g) => g.n > 0).map((g) => <span key={g.what} class="pill">{whatText(g.what)} <span class="num">{g.n}</span></span>)}</p>
      {of.open_orders.length > 0 && (
        <div class="note warn"><Icon name="truck" size={18} /><div><p>{tw('delete.open')}</p><ul>{of.open_orders.map((o) => <li key={o.no} class="num">{o.no}</li>)}</ul></div></div>
      )}
      <h3>{tw('delete.stays')}</h3>
      <StaysList of={of.stays} />
      <label class="fld"><span class="lb">{tw('delete.type', { word })}</span>
        <input class={`inp${fault ? ' err' : ''}`} value={typed} autoComplete="off" autoCapitalize="none" data-testid="delete-confirm" data-word={word} aria-invalid={Boolean(fault)} aria-describedby="e-delete"
          onInput={(e) => { setTyped(e.currentTarget.value); setFault(undefined); }} />
        <Err id="e-delete" text={fault} />
      </label>
      <button type="submit" class="btn chili wide" data-testid="delete-go" aria-disabled={!same(typed, word)}>{tw('delete.go')}</button>
      <button type="button" class="btn wide" onClick={close}>{tw('keep')}</button>
    </form>
  );
}

/** The way out for good: first what goes and what must stay, then a word that nobody types by accident. */
export function DeleteMe({ proof }: { proof: Proof }) {
  const [of, setOf] = useState<Deletion | null>(null);
  const [busy, setBusy] = useState(false);
  async function look(): Promise<void> {
    if (busy) return;
    setBusy(true);
    try {
      setOf(await lookDeletion());
    } catch (e) {
      toast(formFault(asProblem(e)), 'bad');
    } finally {
      setBusy(false);
    }
  }
  return (
    <section class="card part">
      <h2>{tw('delete.title')}</h2>
      <p class="sm t2">{tw('delete.text')}</p>
      {of ? <Preview of={of} proof={proof} close={() => setOf(null)} /> : <button type="button" class="btn wide" data-testid="delete-start" aria-disabled={busy} onClick={() => void look()}>{tw('delete.start')}</button>}
    </section>
  );
}
