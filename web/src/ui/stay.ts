import { computed, effect, signal } from '@preact/signals';
import { path } from './route.ts';

const roomPath = /^\/s\/([a-z]{3}_[0-9a-z_]{1,32})$/;

/** Pages on which the room's picture goes on in a corner. */
const besides = /^\/(cart|checkout|signin|me(?:\/\w+)?|s\/\w+\/draw\/\w+|(?:[opb]|pay)\/[\w-]+)$/;

/** The room that the address names, or null. */
export const roomIn = (p: string): string | null => roomPath.exec(p)?.[1] ?? null;

/** The room whose picture is on the screen, whole or in a corner. Leaving for elsewhere ends the visit. */
export const visited = signal<string | null>(null);

/** True while a room plays in the corner of another page. */
export const inCorner = computed(() => visited.value !== null && roomIn(path.value) === null);

const keptKey = 'nm-visit';

/** Before this site is left for a gateway or a map: the way back finds the same room in the corner. */
export function keepVisit(): void {
  try {
    if (visited.value) sessionStorage.setItem(keptKey, visited.value);
  } catch {
    // blocked: the picture stays behind
  }
}

function takeKept(): string | null {
  try {
    const room = sessionStorage.getItem(keptKey);
    sessionStorage.removeItem(keptKey);
    return room;
  } catch {
    return null;
  }
}

visited.value = takeKept();

effect(() => {
  const p = path.value;
  const room = roomIn(p);
  if (room) visited.value = room;
  else if (!besides.test(p)) visited.value = null;
});

/** Pages to fill in or to act on: on a small screen nothing may lie over them, so the picture is a bar. */
export const inBar = computed(() => inCorner.value && /^\/(checkout|signin|(?:[ob]|pay|me)\/)/.test(path.value));

/** Ends the visit that goes on in the corner. */
export function leaveCorner(): void {
  visited.value = null;
}
