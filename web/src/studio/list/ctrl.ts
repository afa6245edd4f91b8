import { computed, signal } from '@preact/signals';
import { asProblem, type ProblemCode } from '../../api/http.ts';
import type { Show, ShowState } from '../../api/types.ts';
import { listOwnShows } from '../api.ts';

export type Filter = 'all' | 'coming' | 'past';
export const filters: readonly Filter[] = ['all', 'coming', 'past'];

const refreshMs = 15_000;
const mostPages = 5;

// On air first, then what comes next, then what lies behind.
const rank: Record<ShowState, number> = {
  live: 0, interrupted: 0, backstage: 1, scheduled: 2, draft: 3, ended: 4, replay_ready: 5, archived: 6, cancelled: 6,
};
const coming = new Set<ShowState>(['live', 'interrupted', 'backstage', 'scheduled', 'draft']);

/** When a show counts as: its start, or when it was on, or when it was made. */
const timeOf = (s: Show): number => s.starts_at ?? s.live_started_at ?? s.created_at ?? 0;

export function inOrder(shows: Show[]): Show[] {
  return shows.toSorted((a, b) => {
    const byRank = rank[a.state] - rank[b.state];
    if (byRank !== 0) return byRank;
    return a.state === 'scheduled' ? timeOf(a) - timeOf(b) : timeOf(b) - timeOf(a);
  });
}

export function filtered(shows: Show[], f: Filter): Show[] {
  if (f === 'all') return shows;
  return shows.filter((s) => coming.has(s.state) === (f === 'coming'));
}

/** All own shows, kept while the studio is open so that coming back shows them at once. */
export const shows = signal<Show[] | null>(null);
export const failed = signal<ProblemCode | null>(null);
export const filter = signal<Filter>('all');
export const seen = computed(() => filtered(inOrder(shows.value ?? []), filter.value));

export async function refresh(): Promise<void> {
  try {
    const all: Show[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const got = await listOwnShows(cursor);
      all.push(...got.items);
      if (!got.next) break;
      cursor = got.next;
    }
    shows.value = all;
    failed.value = null;
  } catch (e) {
    failed.value = asProblem(e).code;
  }
}

function look(): void {
  if (!document.hidden) void refresh();
}

/** Keeps the list fresh while it is looked at; returns how to stop. */
export function follow(): () => void {
  void refresh();
  const timer = setInterval(look, refreshMs);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
