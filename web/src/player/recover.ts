import { backoffMs } from '../api/backoff.ts';

/**
 * What to do when playing fails. Media errors are mended in place, twice in ten seconds at most;
 * everything else loads the source anew, for ever, with growing pauses.
 */
export type Cure = { act: 'recover' } | { act: 'swap' } | { act: 'reload'; waitMs: number };

const mendWindowMs = 10_000;
const mostWaitMs = 8000;

export class Recovery {
  private mends: number[] = [];
  private reloads = 0;
  private readonly now: () => number;
  private readonly random: () => number;

  constructor(now: () => number = Date.now, random: () => number = Math.random) {
    this.now = now;
    this.random = random;
  }

  media(): Cure {
    const t = this.now();
    this.mends = this.mends.filter((m) => t - m < mendWindowMs);
    this.mends.push(t);
    if (this.mends.length === 1) return { act: 'recover' };
    return this.mends.length === 2 ? { act: 'swap' } : this.source();
  }

  source(): Cure {
    const waitMs = backoffMs(this.reloads, 500, mostWaitMs, this.random);
    this.reloads += 1;
    return { act: 'reload', waitMs };
  }

  /** Pictures move: the next failure is a first one again. */
  playing(): void {
    this.reloads = 0;
  }
}
