import { startPath, type Provider } from '../api/people.ts';
import { session } from '../api/http.ts';
import { keepSound } from '../player/sound.ts';
import { isLiff } from '../ui/inapp.ts';
import { keepVisit } from '../ui/stay.ts';
import { enterInLine } from './liff.ts';

/** Before the page is left for a provider's: the visit and the sound are there again after it. */
export function leaveFor(url: string): void {
  keepVisit();
  keepSound();
  location.assign(url);
}

export interface EnterAsk {
  /** A local path, where one comes back to. */
  next: string;
  /** The last try ended in another browser than it began in. */
  retry?: boolean;
}

/** Signs in with a provider: without leaving the page where LINE vouches, else by the provider's page. True: it is done. */
export async function enter(p: Pick<Provider, 'name'>, { next, retry = false }: EnterAsk): Promise<boolean> {
  if (p.name === 'line' && isLiff(navigator.userAgent) && (await enterInLine())) return true;
  leaveFor(startPath(p.name, next, { retry }));
  return false;
}

export const isIn = (): boolean => session.value?.kind === 'account';
