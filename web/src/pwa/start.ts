/** Everything of the app on the phone that can wait until the page stands. */
import { effect } from '@preact/signals';
import { session } from '../api/http.ts';
import { lang } from '../i18n/index.ts';
import { renewPush } from '../push/index.ts';
import { path } from '../ui/route.ts';
import { note } from './eager.ts';
import { offerInstall, offered, standalone } from './install.ts';
import { appReady, ta } from './strings.ts';
import { Updates, waitsLong } from './update.ts';
import { lookForUpdate, registerWorker } from './worker.ts';
import { toast } from '../ui/toast.tsx';

const lookEveryMs = 30 * 60_000;
const afterOrderMs = 2500;

/** The name under the icon is in the reader's language. */
function followLang(): void {
  effect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="manifest"]');
    const href = `/manifest.${lang.value}.webmanifest`;
    if (link && link.getAttribute('href') !== href) link.href = href;
  });
}

/** The words of this part come when there is something to say. */
function followNotes(updates: Updates): void {
  const stop = effect(() => {
    if (!offered.value && !waitsLong.value) return;
    void Promise.all([import('./notes.tsx'), appReady()]).then(([m]) => {
      note.value = m.notesOf(updates);
      queueMicrotask(() => stop());
    }, () => undefined);
  });
}

/** An order has just been placed: the one moment when somebody is glad to be told more of it later. */
function followOrders(): void {
  let before = path.peek();
  effect(() => {
    const now = path.value;
    if (now.startsWith('/o/') && /^\/(?:checkout|pay)/.test(before)) setTimeout(offerInstall, afterOrderMs);
    before = now;
  });
}

/** Parts that came before there was a worker to keep them; the browser has them still. */
function keepLoaded(reg: ServiceWorkerRegistration): void {
  const urls = performance.getEntriesByType('resource').map((e) => e.name).filter((n) => n.startsWith(`${location.origin}/assets/`));
  void navigator.serviceWorker.ready.then(() => reg.active?.postMessage({ type: 'keep', urls }));
}

function followUpdates(reg: ServiceWorkerRegistration, updates: Updates): void {
  updates.follow(reg);
  let looked = Date.now();
  const look = (): void => {
    if (document.hidden || Date.now() - looked < lookEveryMs) return;
    looked = Date.now();
    void lookForUpdate(reg);
  };
  setInterval(look, lookEveryMs);
  document.addEventListener('visibilitychange', look);
}

export async function startApp(): Promise<void> {
  const updates = new Updates();
  followLang();
  followNotes(updates);
  followOrders();
  document.documentElement.toggleAttribute('data-app', standalone());
  addEventListener('appinstalled', () => void appReady().then(() => toast(ta('install.done'), 'ok')));
  const reg = await registerWorker();
  if (!reg) return;
  followUpdates(reg, updates);
  if (navigator.serviceWorker.controller && !(await lookForUpdate(reg))) return;
  keepLoaded(reg);
  effect(() => {
    if (session.value?.viewer?.id) void renewPush();
  });
}
