import { useEffect, useRef, useState } from 'preact/hooks';
import { makeHandover } from '../api/people.ts';
import { listText } from '../i18n/format.ts';
import { appNames, inAppOf, outside } from '../ui/inapp.ts';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toast.tsx';
import { tw } from './strings.ts';

interface OutsideProps {
  /** What one goes on with out there. */
  path: string;
  draft: string;
  /** Ways to sign in that need it. */
  hidden: string[];
}

/** A link for one use that carries the place, the draft and a guest's own things; without one, the place alone. */
async function linkOf(path: string, draft: string): Promise<string> {
  try {
    return (await makeHandover(path, draft)).url;
  } catch {
    return location.origin + path;
  }
}

/** Where an iPhone's app has its "open in browser": a drawing, because each app words it differently. */
function Where() {
  return (
    <svg class="where" viewBox="0 0 240 128" role="img" aria-label={tw('out.picture')}>
      <rect x="52" y="1" width="136" height="126" rx="16" class="w-phone" />
      <rect x="52" y="1" width="136" height="30" rx="16" class="w-bar" />
      <path d="M66 16h60" class="w-line" />
      <circle cx="168" cy="16" r="11" class="w-hit" />
      <path d="M163 16h.01M168 16h.01M173 16h.01" class="w-dots" />
      <rect x="84" y="44" width="96" height="70" rx="10" class="w-menu" />
      <path d="M94 60h44M94 98h38" class="w-line" />
      <rect x="88" y="68" width="88" height="21" rx="6" class="w-pick" />
      <path d="M96 78.500h46M158 74h6v6M164 74l-7 7" class="w-ink" />
    </svg>
  );
}

/** By hand: what to tap, and the link to copy. Meanwhile the address itself is that link, so that the app's own menu takes it along. */
function ByHand({ link }: { link: string }) {
  const box = useRef<HTMLInputElement>(null);
  const all = useRef<HTMLDivElement>(null);
  useEffect(() => all.current?.focus(), []); // the button that was pressed is gone
  useEffect(() => {
    const here = location.pathname + location.search + location.hash;
    const to = new URL(link);
    if (to.origin !== location.origin) return undefined;
    history.replaceState(history.state, '', to.pathname + to.search + to.hash);
    return () => history.replaceState(history.state, '', here);
  }, [link]);
  function copy(): void {
    box.current?.select();
    const clipboard = navigator.clipboard as Clipboard | undefined; // not there without https
    const done = clipboard ? clipboard.writeText(link) : Promise.reject(new Error('no clipboard'));
    done.then(() => toast(tw('out.copied'), 'ok'), () => toast(tw('out.copyByHand')));
  }
  return (
    <div class="by-hand" data-testid="out-by-hand" ref={all} tabIndex={-1}>
      <Where />
      <ol><li>{tw('out.step1')}</li><li>{tw('out.step2')}</li></ol>
      <p class="xs t2">{tw('out.or')}</p>
      <div class="row">
        <input ref={box} class="inp grow" readOnly value={link} aria-label={tw('out.link')} data-testid="out-link" onFocus={(e) => e.currentTarget.select()} />
        <button type="button" class="btn" data-testid="out-copy" onClick={copy}><Icon name="copy" size={18} />{tw('out.copy')}</button>
      </div>
      <p class="xs t2">{tw('out.once')}</p>
    </div>
  );
}

/** Some apps let the word to open a browser go nowhere: who is still here by then does it by hand. */
const swallowedMs = 1500;

/** Out of another app's browser into the phone's own, with everything one has here. */
export function OpenOutside({ path, draft, hidden }: OutsideProps) {
  const [hand, setHand] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const agent = navigator.userAgent;
  const app = inAppOf(agent);
  async function press(): Promise<void> {
    if (busy) return;
    setBusy(true);
    const link = await linkOf(path, draft);
    setBusy(false);
    const out = outside(link, app, agent);
    if (!out) {
      setHand(link);
      return;
    }
    location.assign(out);
    setTimeout(() => {
      if (document.visibilityState === 'visible') setHand(link);
    }, swallowedMs);
  }
  if (hand) return <ByHand link={hand} />;
  const name = app && app !== 'webview' ? appNames[app] : '';
  return (
    <div class="outside">
      <button type="button" class="link" data-testid="open-in-browser" aria-disabled={busy} onClick={() => void press()}>
        <Icon name="ext" size={18} /><span>{hidden.length > 0 ? tw('out.for', { ways: listText(hidden) }) : tw('out.go')}</span>
      </button>
      {hidden.length > 0 && <p class="xs t2">{name ? tw('out.why', { app: name, ways: listText(hidden) }) : tw('out.whyHere', { ways: listText(hidden) })}</p>}
    </div>
  );
}
