import { setLang, type Lang } from '../i18n/index.ts';
import { call, session } from './http.ts';
import type { Session } from './types.ts';

async function become(path: string, body: unknown): Promise<Session> {
  const s = await call<Session>('POST', path, { body });
  session.value = s;
  return s;
}

/** Gives the anonymous viewer a name, or a guest another one. */
export const nameGuest = (name: string): Promise<Session> => become('/sessions/guest', { name });

/** An account by another name. */
export async function rename(name: string): Promise<void> {
  session.value = await call<Session>('PATCH', '/me', { body: { name } });
}

export const signIn = (email: string, password: string): Promise<Session> =>
  become('/sessions', { email, password });

/** A new account; what the guest in this browser had goes along. The form says that who signs up accepts terms and privacy. */
export const signUp = (name: string, email: string, password: string, l: Lang, marketing: boolean): Promise<Session> =>
  become('/accounts', { name, email, password, lang: l, consents: { terms: true, privacy: true, marketing } });

/** Drafts and addresses that were typed in this tab. */
export function forgetTab(): void {
  try {
    sessionStorage.clear();
  } catch {
    // blocked: nothing was kept
  }
}

/** What this browser has of us goes first: the next one here is somebody else. */
async function leaveBrowser(): Promise<void> {
  forgetTab();
  const [push, keep] = await Promise.all([import('../push/index.ts'), import('../offline/keep.ts')]);
  keep.forget();
  await push.leavePush();
}

export async function signOut(): Promise<void> {
  await leaveBrowser().catch(() => undefined);
  await call<void>('DELETE', '/sessions/current');
  session.value = null;
}

/** Changes the language here, and for those who have a name wherever they come next. */
export async function chooseLang(l: Lang): Promise<void> {
  await setLang(l);
  if (session.value?.viewer) await call<void>('PATCH', '/me', { body: { lang: l } }).catch(() => undefined);
}
