const script = '/sw.js';
const readyMs = 8000;
let asked: Promise<ServiceWorkerRegistration | null> | null = null;

/** There may be none: an old browser, a private window, storage that is blocked, a page without TLS. */
const container = (): ServiceWorkerContainer | null => {
  try {
    return navigator.serviceWorker ?? null;
  } catch {
    return null;
  }
};

/** The server takes the worker out of service by having no `sw.js` any more. */
async function outOfService(): Promise<boolean> {
  const res = await fetch(script, { cache: 'no-store' }).catch(() => null);
  return res?.status === 404 || res?.status === 410;
}

/** Nothing of the worker is left here: pages come from the server again, and so do their parts. */
async function remove(sw: ServiceWorkerContainer): Promise<void> {
  for (const reg of await sw.getRegistrations()) {
    reg.active?.postMessage({ type: 'end' });
    await reg.unregister();
  }
  const ours = (await caches.keys()).filter((n) => n.startsWith('nm-'));
  await Promise.all(ours.map((n) => caches.delete(n)));
}

async function register(): Promise<ServiceWorkerRegistration | null> {
  const sw = container();
  if (!sw) return null;
  try {
    return await sw.register(script, { scope: '/', updateViaCache: 'none' });
  } catch {
    if (await outOfService()) await remove(sw).catch(() => undefined);
    return null;
  }
}

/** The worker's registration, or null where there is none. Asking again costs nothing. */
export function registerWorker(): Promise<ServiceWorkerRegistration | null> {
  asked ??= register();
  return asked;
}

/** Looks for a new version; false when the worker has been taken out of service. */
export async function lookForUpdate(reg: ServiceWorkerRegistration): Promise<boolean> {
  try {
    await reg.update();
  } catch {
    const sw = container();
    if (!sw || !(await outOfService())) return true;
    await remove(sw).catch(() => undefined);
    return false;
  }
  return true;
}

/** The registration with a worker that is at work: what messages and subscriptions need. */
export async function readyWorker(): Promise<ServiceWorkerRegistration | null> {
  const reg = await registerWorker();
  if (!reg || reg.active) return reg;
  const late = new Promise<null>((done) => {
    setTimeout(() => done(null), readyMs);
  });
  return Promise.race([navigator.serviceWorker.ready, late]);
}
