import { signal } from '@preact/signals';
import { held } from './eager.ts';

const noKey = 'nm-install-no';
const restMs = 60 * 86_400_000;

/** `ask`: the browser installs on a press; `ios`: a person must do it, we say how. */
export type Offer = 'ask' | 'ios';
export const offered = signal<Offer | null>(null);

export const standalone = (): boolean =>
  matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true;

/** iPads say that they are Macs, but no Mac has fingers on its screen. */
export const isIos = (ua = navigator.userAgent, fingers = navigator.maxTouchPoints): boolean =>
  /iPhone|iPad|iPod/.test(ua) || (/Macintosh/.test(ua) && fingers > 1);

/** Browsers inside other apps cannot put anything on the home screen. */
const inOther = /\b(?:Line|FBAN|FBAV|Instagram|MicroMessenger|TikTok|BytedanceWebview)\b/i;

function restsSince(): number {
  try {
    return Number(localStorage.getItem(noKey) ?? 0);
  } catch {
    return Date.now(); // storage is blocked: who says no would be asked again for ever
  }
}

/** A good moment has come: an order, a reminder. Offers once, and then not for a long time. */
export function offerInstall(): void {
  if (standalone() || offered.value || Date.now() - restsSince() < restMs) return;
  if (held.value) offered.value = 'ask';
  else if (isIos() && !inOther.test(navigator.userAgent)) offered.value = 'ios';
}

export function declineInstall(): void {
  offered.value = null;
  try {
    localStorage.setItem(noKey, String(Date.now()));
  } catch {
    // blocked: nothing is offered then
  }
}

/** Hands over to the browser's own question. */
export async function install(): Promise<void> {
  const offer = held.value;
  held.value = null;
  offered.value = null;
  if ((await offer?.prompt())?.outcome === 'dismissed') declineInstall();
}
