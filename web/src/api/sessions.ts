import { call, session } from './http.ts';
import type { Session } from './types.ts';

async function become(path: string, body: unknown): Promise<Session> {
  const s = await call<Session>('POST', path, { body });
  session.value = s;
  return s;
}

/** Gives the anonymous viewer a name, or a guest another one. */
export const nameGuest = (name: string): Promise<Session> => become('/sessions/guest', { name });

export const signIn = (email: string, password: string): Promise<Session> =>
  become('/sessions', { email, password });

export async function signOut(): Promise<void> {
  await call<void>('DELETE', '/sessions/current');
  session.value = null;
}
