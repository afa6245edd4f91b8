import { useEffect, useState } from 'preact/hooks';
import { asProblem, loadSession, session } from '../api/http.ts';
import { lookHandover, takeHandover, type Handed } from '../api/people.ts';
import { t } from '../i18n/index.ts';
import { tw } from '../people/strings.ts';
import { draftKey } from '../room/draft.ts';
import { formFault } from '../signin/check.ts';
import { Icon, Logo } from '../ui/icon.tsx';
import { go, safeNext } from '../ui/route.ts';
import { roomIn } from '../ui/stay.ts';
import { useTitle } from '../ui/title.ts';
import '../signin/style.css';
import './style.css';

type State = { is: 'looking' } | { is: 'gone' } | { is: 'error'; text: string } | { is: 'there'; of: Handed };

const tokenHere = (): string => /^[\w-]{16,128}$/.exec(location.hash.slice(1))?.[0] ?? '';

/** What was being written goes where that room looks for it. It is not sent by itself: this is another browser. */
function keepDraft(path: string, draft: string): void {
  const room = roomIn(new URL(path, location.origin).pathname);
  if (!room || !draft) return;
  try {
    sessionStorage.setItem(draftKey(room), draft);
  } catch {
    // blocked: it is typed again
  }
}

function What({ of }: { of: Handed }) {
  const here = session.value?.kind === 'account' || session.value?.kind === 'guest' ? (session.value.viewer?.name ?? '') : '';
  return (
    <>
      {of.name && <p class="hand-name" data-testid="handover-name"><Icon name="user" size={20} /><b>{of.name}</b></p>}
      {of.cart_n > 0 && <p class="hand-name"><Icon name="cart" size={20} /><span>{tw('hand.cart', { n: of.cart_n })}</span></p>}
      {of.would === 'replace' && here && <p class="note warn" data-testid="handover-replace"><Icon name="warn" size={18} /><span>{tw('hand.replace', { here, name: of.name ?? '' })}</span></p>}
      {of.would === 'merge' && here && <p class="note"><Icon name="info" size={18} /><span>{tw('hand.merge', { here })}</span></p>}
    </>
  );
}

function There({ of, again }: { of: Handed; again: (text: string | null) => void }) {
  const [busy, setBusy] = useState(false);
  const path = safeNext(of.path, '/');
  async function take(): Promise<void> {
    if (busy) return;
    setBusy(true);
    try {
      const got = await takeHandover(tokenHere(), of.would);
      const to = safeNext(got.path, '/');
      keepDraft(to, got.draft);
      go(to, { replace: true });
    } catch (e) {
      setBusy(false);
      const p = asProblem(e);
      again(p.code === 'not_found' || p.code === 'conflict' ? null : formFault(p)); // looked at anew: it says what is so now
    }
  }
  return (
    <>
      <h1>{tw(of.name ? 'hand.title' : 'hand.titlePlace')}</h1>
      <p class="t2 lead">{tw(roomIn(path) ? 'hand.show' : 'hand.page')}</p>
      <div class="hand"><What of={of} /></div>
      <button type="button" class="btn pri lg wide" data-testid="handover-go" aria-disabled={busy} onClick={() => void take()}>{of.name && of.would !== 'merge' ? tw('hand.goAs', { name: of.name }) : tw('hand.go')}</button>
      {of.would === 'replace' && <a class="btn wide" href={path} data-testid="handover-stay">{tw('hand.stay')}</a>}
    </>
  );
}

/** `/h`: the other end of the way out of an app's browser. Nothing happens before a tap: apps fetch links to show them. */
export function HandoverPage() {
  const [state, setState] = useState<State>({ is: 'looking' });
  useTitle(tw('hand.titlePlace'));
  async function look(): Promise<void> {
    const token = tokenHere();
    if (!token) return setState({ is: 'gone' });
    try {
      if (!session.value) await loadSession();
      setState({ is: 'there', of: await lookHandover(token) });
    } catch (e) {
      const p = asProblem(e);
      setState(p.code === 'not_found' || p.code === 'input' ? { is: 'gone' } : { is: 'error', text: formFault(p) });
    }
  }
  useEffect(() => void look(), []);
  return (
    <div class="signin handover" data-testid="handover" data-state={state.is}>
      <div class="scene" aria-hidden="true"><img src="/img/tw-mug.jpg" alt="" /></div>
      <main class="paper">
        <a class="brand" href="/"><Logo size={34} /><b>{t('app')}</b></a>
        {state.is === 'looking' && <p class="t2" role="status">{tw('hand.looking')}</p>}
        {state.is === 'there' && <There of={state.of} again={(text) => { if (text) setState({ is: 'error', text }); else void look(); }} />}
        {state.is === 'gone' && <><h1>{tw('hand.gone')}</h1><p class="t2 lead">{tw('hand.goneText')}</p><a class="btn pri lg wide" href="/">{tw('home')}</a></>}
        {state.is === 'error' && <><p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{state.text}</span></p><button type="button" class="btn pri lg wide" onClick={() => void look()}>{tw('hand.again')}</button></>}
      </main>
    </div>
  );
}
