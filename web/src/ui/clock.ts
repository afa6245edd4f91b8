import { signal } from '@preact/signals';

/** Server time minus ours, so that countdowns agree with the server and not with a wrong phone. */
let offsetMs = 0;

/** Ticks once a second while anything looks at it. Milliseconds, server time. */
export const nowMs = signal(Date.now());

let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function setServerNow(ms: number): void {
  offsetMs = ms - Date.now();
  nowMs.value = ms;
}

export const serverNow = (): number => Date.now() + offsetMs;

/** Keeps `nowMs` moving until the returned function is called. */
export function watchClock(): () => void {
  watchers += 1;
  nowMs.value = serverNow();
  timer ??= setInterval(() => {
    nowMs.value = serverNow();
  }, 1000);
  return () => {
    watchers -= 1;
    if (watchers === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `m:ss` below an hour, `h:mm:ss` above. */
export function clockText(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}
