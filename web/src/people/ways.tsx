import { useEffect, useState } from 'preact/hooks';
import type { Provider } from '../api/people.ts';
import { Icon } from '../ui/icon.tsx';
import { inAppOf, worksIn } from '../ui/inapp.ts';
import { enter } from './enter.ts';
import { Mark } from './marks.tsx';
import { loadOffer, offer, offerFailed } from './offer.ts';
import { OpenOutside } from './outside.tsx';
import { tw } from './strings.ts';
import './style.css';

/** What this server offers, parted into what works in this browser and what does not. */
export function useWays(): { here: Provider[]; hidden: Provider[]; known: boolean } {
  useEffect(() => {
    if (!offer.value) void loadOffer();
  }, []);
  const agent = navigator.userAgent;
  const app = inAppOf(agent);
  const all = offer.value?.items ?? [];
  return {
    here: all.filter((p) => worksIn(p.name, app, agent)),
    hidden: all.filter((p) => !worksIn(p.name, app, agent)),
    known: offer.value !== null || offerFailed.value,
  };
}

interface WaysProps {
  /** Where one comes back to. */
  next: string;
  /** Where one goes on outside an app's browser, when it is elsewhere. */
  out?: string;
  /** What was being written, for the way out of an app's browser. */
  draft?: string;
  /** Called before the page is left. */
  leaving?: () => void;
  /** Called when one is in without leaving the page. */
  done?: () => void;
}

interface WayProps extends WaysProps {
  p: Provider;
  busy: string | null;
  setBusy: (name: string | null) => void;
}

function Way({ p, next, busy, setBusy, leaving, done }: WayProps) {
  const first = p.name === 'line';
  const label = tw('way.with', { label: p.label });
  async function press(): Promise<void> {
    if (busy) return;
    setBusy(p.name);
    leaving?.();
    const isIn = await enter(p, { next });
    if (!isIn) return;
    setBusy(null);
    done?.();
  }
  return (
    <button type="button" class={first ? 'btn lg wide by-line' : 'btn way'} data-testid={`login-${p.name}`} aria-label={first ? undefined : label}
      aria-disabled={busy !== null} onClick={() => void press()}>
      <Mark of={p.name} size={first ? 26 : 22} /><span>{busy === p.name ? tw('way.going') : first ? label : p.label}</span>
    </button>
  );
}

/** LINE first, the others two and two, and the way out of an app's browser for those that fail in it. */
export function Ways(props: WaysProps) {
  const { here, hidden, known } = useWays();
  const [busy, setBusy] = useState<string | null>(null);
  const app = inAppOf(navigator.userAgent);
  useEffect(() => { // back by the browser's own button, into a page that was kept
    const wake = (): void => setBusy(null);
    addEventListener('pageshow', wake);
    return () => removeEventListener('pageshow', wake);
  }, []);
  if (!known) return <div class="ways" aria-hidden="true"><i class="sk way-sk" /><div class="way-grid"><i class="sk way-sk" /><i class="sk way-sk" /></div></div>;
  const line = here.find((p) => p.name === 'line');
  const others = here.filter((p) => p !== line);
  return (
    <div class="ways">
      {line && <Way {...props} p={line} busy={busy} setBusy={setBusy} />}
      {others.length > 0 && <div class="way-grid" data-n={others.length}>{others.map((p) => <Way key={p.name} {...props} p={p} busy={busy} setBusy={setBusy} />)}</div>}
      {app && <OpenOutside path={props.out ?? props.next} draft={props.draft ?? ''} hidden={hidden.map((p) => p.label)} />}
    </div>
  );
}

/** "or …" between the ways of others and those of our own. */
export const Or = ({ text }: { text: string }) => <p class="or"><span>{text}</span></p>;

/** In a tab of their own: what is being written stays. */
export function Agree() {
  return (
    <p class="xs t2 agree">
      {tw('agree').split(/(\{\w+\})/).map((w) => (w === '{terms}' || w === '{privacy}'
        ? <a key={w} href={w === '{terms}' ? '/legal/terms' : '/legal/privacy'} target="_blank" rel="noopener">{tw(w === '{terms}' ? 'agree.terms' : 'agree.privacy')}</a>
        : w))}
    </p>
  );
}

/** What is wrong with a field, right under it. */
export function Err({ id, text }: { id: string; text: string | undefined }) {
  return <span id={id} class="errmsg" role={text ? 'alert' : undefined} hidden={!text}>{text && <><Icon name="warn" size={16} /><span>{text}</span></>}</span>;
}
