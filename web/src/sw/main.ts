/**
 * The service worker. It keeps the shell of the app and the parts that were used, so that a page opens
 * without a network and says so; and it shows what a push says. It never answers for the API, for
 * events or for media, and never keeps what a person sends.
 */
import { noticeOf, tabFor } from './notice.ts';
import { planOf } from './route.ts';
import { assetFor, cacheOf, dropAll, keepLoaded, prune, takeAll } from './store.ts';

declare const self: ServiceWorkerGlobalScope;
/** Written in by the build: the version and the files that belong to it. */
declare const NM_FILES: { version: string; files: string[] };

const { version, files } = NM_FILES;
const known = new Set(files);
const shellPath = '/shell.html';
/** A page that has not begun to come by then is not worth more waiting: the shell asks for itself. */
const pageLimitMs = 5000;
/** What a proxy says when the server behind it is away. */
const awayStatus = new Set([502, 503, 504]);

self.addEventListener('install', (e) => e.waitUntil(takeAll(version, files)));

/**
 * No navigation preload: it sends every navigation off before we can say that it is none of ours, and
 * then again. A provider's answer counts once; the second time it is one that has been used.
 */
async function begin(): Promise<void> {
  await prune(version);
  await self.registration.navigationPreload?.disable();
  await self.clients.claim();
}

self.addEventListener('activate', (e) => e.waitUntil(begin()));

/** The server's page, which knows everything; without it the shell, which knows nothing and asks. */
async function pageFor(e: FetchEvent): Promise<Response> {
  const network = fetch(e.request);
  e.waitUntil(network.catch(() => undefined));
  const shell = await caches.match(shellPath, { cacheName: cacheOf(version) });
  if (!shell) return network;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Response>((done) => {
    timer = setTimeout(() => done(shell.clone()), pageLimitMs);
  });
  try {
    const got = await Promise.race([network, late]);
    return awayStatus.has(got.status) ? shell : got;
  } catch {
    return shell;
  } finally {
    clearTimeout(timer);
  }
}

async function fileFor(e: FetchEvent): Promise<Response> {
  return (await caches.match(e.request, { cacheName: cacheOf(version) })) ?? fetch(e.request);
}

self.addEventListener('fetch', (e) => {
  const { method, mode, url, headers } = e.request;
  switch (planOf({ method, mode, url, range: headers.has('range') }, self.location.origin, known)) {
    case 'page':
      return e.respondWith(pageFor(e));
    case 'asset':
      return e.respondWith(assetFor(e.request));
    case 'file':
      return e.respondWith(fileFor(e));
    default:
  }
});

/** The server has taken the worker out of service. */
async function end(): Promise<void> {
  await dropAll();
  await self.registration.unregister();
}

self.addEventListener('message', (e) => {
  const said = e.data as { type?: string; urls?: unknown } | null;
  if (said?.type === 'take-over') e.waitUntil(self.skipWaiting());
  else if (said?.type === 'keep') e.waitUntil(keepLoaded(said.urls, self.location.origin));
  else if (said?.type === 'end') e.waitUntil(end());
});

self.addEventListener('push', (e) => {
  const n = noticeOf(e.data?.text() ?? '', self.location.origin);
  e.waitUntil(self.registration.showNotification(n.title, {
    body: n.body, tag: n.tag, lang: n.lang, icon: '/icon-192.png', badge: '/badge-96.png', data: { url: n.url },
  }));
});

async function show(path: string): Promise<void> {
  const tabs = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const tab = tabFor(tabs, path, self.location.origin);
  if (tab) await tab.focus();
  else await self.clients.openWindow(path);
}

self.addEventListener('notificationclick', (e) => {
  e.notification.close();
  const { url } = (e.notification.data ?? {}) as { url?: unknown };
  e.waitUntil(show(noticeOf(JSON.stringify({ url }), self.location.origin).url));
});

const api = '/api/v1';

/** The push service has given us another address: the server learns it without a page. */
async function renew(old: PushSubscription | null): Promise<void> {
  const who = (await (await fetch(`${api}/sessions/current`)).json()) as { csrf: string };
  const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': who.csrf };
  const { key } = (await (await fetch(`${api}/push/key`)).json()) as { key: string | null };
  if (old) await fetch(`${api}/me/push`, { method: 'DELETE', headers, body: JSON.stringify({ endpoint: old.endpoint }) });
  if (!key) return;
  const sub = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = sub.toJSON();
  await fetch(`${api}/me/push`, { method: 'PUT', headers, body: JSON.stringify({ endpoint, keys }) });
}

self.addEventListener('pushsubscriptionchange', (e) => {
  const change = e as ExtendableEvent & { oldSubscription?: PushSubscription | null };
  change.waitUntil(renew(change.oldSubscription ?? null).catch(() => undefined));
});
