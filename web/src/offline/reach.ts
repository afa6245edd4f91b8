import { backoffMs } from '../api/backoff.ts';
import { adrift, online } from '../ui/offline.tsx';

const probeMs = 6000;

/** Whether the server answers at all. */
export async function reachable(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(probeMs) })).ok;
  } catch {
    return false;
  }
}

let looking = false;
let wake: (() => void) | null = null;

function pause(ms: number): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    wake = () => {
      clearTimeout(timer);
      done();
    };
  });
}

/** Asks at once; for the button, and when the browser says that there is a network again. */
export const lookNow = (): void => wake?.();

/** A page that began without the server: says so, and goes on as usual as soon as the server answers. */
export async function findServer(): Promise<void> {
  if (looking) return;
  looking = true;
  addEventListener('online', lookNow);
  for (let tries = 0; !(await reachable()); tries += 1) {
    adrift.value = true;
    online.value = false;
    await pause(backoffMs(tries));
  }
  removeEventListener('online', lookNow);
  looking = false;
  online.value = true;
  adrift.value = false;
}
