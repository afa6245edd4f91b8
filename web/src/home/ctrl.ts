import { signal } from '@preact/signals';
import { asProblem, type ProblemCode } from '../api/http.ts';
import { listShows } from '../api/shows.ts';
import type { Show } from '../api/types.ts';

export interface Lists {
  live: Show[];
  next: Show[];
  replays: Show[];
}

const refreshMs = 30_000;
const mostReplays = 12;

/** What the market offers now. It outlives the screen, so that coming back shows it at once. */
export const lists = signal<Lists | null>(null);
export const failed = signal<ProblemCode | null>(null);

const bySoonest = (a: Show, b: Show): number => (a.starts_at ?? Infinity) - (b.starts_at ?? Infinity);
const byCrowd = (a: Show, b: Show): number =>
  Number(b.state === 'live') - Number(a.state === 'live') || b.viewers.now - a.viewers.now;

export async function refresh(): Promise<void> {
  try {
    const [live, next, replays] = await Promise.all([
      listShows({ state: ['live', 'interrupted'] }),
      listShows({ state: ['scheduled'] }),
      listShows({ state: ['replay_ready'], limit: mostReplays }),
    ]);
    lists.value = {
      live: live.items.toSorted(byCrowd),
      next: next.items.toSorted(bySoonest),
      replays: replays.items,
    };
    failed.value = null;
  } catch (e) {
    failed.value = asProblem(e).code;
  }
}

/** A show of the lists, for its room to begin with: who comes from here sees it at once. */
export function listed(id: string): Show | null {
  const all = lists.peek();
  return [...(all?.live ?? []), ...(all?.next ?? []), ...(all?.replays ?? [])].find((s) => s.id === id) ?? null;
}

function look(): void {
  if (!document.hidden) void refresh();
}

/** Keeps the lists fresh while the screen is looked at; returns how to stop. */
export function follow(): () => void {
  look();
  const timer = setInterval(look, refreshMs);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
