/**
 * Messages to this browser while no page of ours is open. Every call can be made where there is no such
 * thing: the state says so, nothing throws.
 */
import { signal } from '@preact/signals';
import { call, session } from '../api/http.ts';
import { isIos, standalone } from '../pwa/install.ts';
import { readyWorker } from '../pwa/worker.ts';

/**
 * `install`: iPhones can only once the app is on the home screen; `off`: the server has no key;
 * `default`: the person may be asked.
 */
export type PushState = 'unknown' | 'unsupported' | 'install' | 'off' | 'default' | 'denied' | 'granted';

export const pushState = signal<PushState>('unknown');
/** This browser is subscribed, and the server knows. */
export const pushOn = signal(false);

const subscribeMs = 10_000;
let key: string | null | undefined;

/** What the browser alone can say. Asks nobody. */
export function permission(): PushState {
  const has = 'Notification' in window && 'PushManager' in window && 'serviceWorker' in navigator;
  if (!has) return isIos() && !standalone() ? 'install' : 'unsupported';
  return Notification.permission;
}

async function serverKey(): Promise<string | null> {
  if (key !== undefined) return key;
  const got = await call<{ key: string | null }>('GET', '/push/key').catch(() => null);
  if (got) key = got.key;
  return got?.key ?? null;
}

async function subscription(): Promise<PushSubscription | null> {
  const reg = await readyWorker();
  return (await reg?.pushManager?.getSubscription().catch(() => null)) ?? null;
}

async function tell(sub: PushSubscription): Promise<void> {
  const { endpoint, keys } = sub.toJSON();
  await call<void>('PUT', '/me/push', { body: { endpoint, keys } });
  pushOn.value = true;
}

function settle(s: PushState): PushState {
  pushState.value = s;
  if (s !== 'granted') pushOn.value = false;
  return s;
}

/** Reads how things stand, and asks the person nothing. */
export async function lookAtPush(): Promise<PushState> {
  const s = permission();
  if (s === 'unsupported' || s === 'install' || s === 'denied') return settle(s);
  if (!(await serverKey())) return settle('off');
  if (s === 'granted') pushOn.value = (await subscription()) !== null;
  return settle(s);
}

/** A push service that cannot be reached may leave the browser waiting for minutes. */
function soon<T>(p: Promise<T>): Promise<T | null> {
  const late = new Promise<null>((done) => {
    setTimeout(() => done(null), subscribeMs);
  });
  return Promise.race([p, late]);
}

/** The subscription belongs to the server's key: one for another key is replaced. */
async function subscribe(server: string): Promise<PushSubscription | null> {
  const reg = await readyWorker();
  if (!reg?.pushManager) return null;
  const ask = { userVisibleOnly: true, applicationServerKey: server };
  try {
    return await soon(reg.pushManager.subscribe(ask));
  } catch (e) {
    if (!(e instanceof DOMException) || e.name !== 'InvalidStateError') return null;
    await (await reg.pushManager.getSubscription())?.unsubscribe();
    return reg.pushManager.subscribe(ask).catch(() => null);
  }
}

/** Asks the person, subscribes, tells the server. Call it straight from a tap. */
export async function turnOnPush(): Promise<PushState> {
  const before = permission();
  if (before === 'unsupported' || before === 'install' || key === null) return lookAtPush();
  // First of all: Safari lets a page ask only while the tap is being handled.
  const said = before === 'default' ? await Notification.requestPermission() : before;
  if (said !== 'granted') return settle(said as PushState);
  const server = await serverKey();
  if (!server) return settle('off');
  const sub = await subscribe(server);
  if (!sub) return settle('unsupported');
  await tell(sub);
  return settle('granted');
}

/** No more messages to this browser. */
export async function turnOffPush(): Promise<void> {
  const sub = await subscription();
  pushOn.value = false;
  if (!sub) return;
  await call<void>('DELETE', '/me/push', { body: { endpoint: sub.endpoint } }).catch(() => undefined);
  await sub.unsubscribe().catch(() => false);
}

/** Before signing out: what comes next is for somebody else. */
export async function leavePush(): Promise<void> {
  if (permission() === 'granted') await turnOffPush();
}

/** On each visit by somebody with a name: the server learns whose browser this is now. */
export async function renewPush(): Promise<void> {
  if (permission() !== 'granted' || !session.peek()?.viewer) return;
  const sub = await subscription();
  if (sub) await tell(sub).catch(() => undefined);
}
