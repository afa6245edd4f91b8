import { enterByLiff } from '../api/people.ts';
import { loadSession } from '../api/http.ts';
import type { Session } from '../api/types.ts';
import { toast } from '../ui/toast.tsx';
import { loadOffer, offer } from './offer.ts';

/** What of LINE's own library we use, which only LINE's frame needs and only LINE may hand out. */
interface Liff {
  init(config: { liffId: string }): Promise<void>;
  isLoggedIn(): boolean;
  getIDToken(): string | null;
}

declare global {
  interface Window {
    liff?: Liff;
  }
}

const sdk = 'https://static.line-scdn.net/liff/edge/2/sdk.js';
const patienceMs = 8000;
const doneKey = 'nm-liff';

let loading: Promise<Liff> | null = null;

function fetchSdk(): Promise<Liff> {
  return new Promise<Liff>((done, fail) => {
    const script = document.createElement('script');
    const gone = (why: string): void => {
      script.remove();
      fail(new Error(`liff: ${why}`));
    };
    const timer = setTimeout(() => gone('slow'), patienceMs);
    script.src = sdk;
    script.addEventListener('load', () => {
      clearTimeout(timer);
      if (window.liff) done(window.liff);
      else gone('empty');
    });
    script.addEventListener('error', () => {
      clearTimeout(timer);
      gone('not loaded');
    });
    document.head.append(script);
  });
}

async function ready(id: string): Promise<Liff> {
  loading ??= (async () => {
    const liff = await fetchSdk();
    await liff.init({ liffId: id });
    return liff;
  })().catch((e: unknown) => {
    loading = null;
    throw e;
  });
  return loading;
}

/** Signs in with the word of the LINE app around this page. Null: it gives none, and the web's way is taken. */
export async function enterInLine(): Promise<Session | null> {
  await loadOffer();
  const id = offer.value?.liff_id;
  if (!id) return null;
  try {
    const liff = await ready(id);
    const token = liff.isLoggedIn() ? liff.getIDToken() : null;
    return token ? await enterByLiff(token) : null;
  } catch {
    return null;
  }
}

/** A page that LINE has opened as its own: whoever is signed in there is signed in here, once a visit. */
export async function startInLine(): Promise<Session | null> {
  try {
    if (sessionStorage.getItem(doneKey)) return null;
    sessionStorage.setItem(doneKey, '1'); // who signs out stays signed out
  } catch {
    return null;
  }
  const before = await loadSession().catch(() => null);
  const who = before?.kind === 'account' ? null : await enterInLine();
  if (who) {
    const { peopleReady, tw } = await import('./strings.ts');
    await peopleReady();
    toast(tw('in.as', { name: who.viewer?.name ?? '' }), 'ok');
  }
  return who;
}
