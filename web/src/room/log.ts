import { signal } from '@preact/signals';
import type { Line } from './types.ts';

/** Lines kept and drawn: more than anyone scrolls back, few enough for a slow phone. */
export const mostLines = 200;

type Later = (f: () => void) => void;

// A hidden page draws no frames; its lines are cut to size all the same.
const nextFrame: Later = (f) => {
  if (document.hidden) setTimeout(f, 250);
  else requestAnimationFrame(f);
};

/** Puts a line where its number says; nearly always that is the end. */
function insert(lines: Line[], m: Line): void {
  const at = lines.findIndex((x) => x.id === m.id);
  if (at >= 0) {
    lines[at] = { ...lines[at], ...m } as Line;
    return;
  }
  let i = lines.length;
  while (i > 0 && (lines[i - 1]?.seq ?? 0) > m.seq) i -= 1;
  lines.splice(i, 0, m);
}

/** The chat of a room: bounded, in order, each message once, redrawn once a frame however many come. */
export class ChatLog {
  readonly lines = signal<Line[]>([]);
  private coming: Line[] = [];
  private gone = new Set<string>();
  private waiting = false;
  private readonly later: Later;

  constructor(later: Later = nextFrame) {
    this.later = later;
  }

  reset(all: Line[]): void {
    this.coming = [];
    this.gone.clear();
    this.lines.value = all.slice(-mostLines);
  }

  add(...all: Line[]): void {
    this.coming.push(...all);
    if (this.coming.length > 2 * mostLines) this.coming = this.coming.slice(-mostLines);
    this.soon();
  }

  remove(ids: string[]): void {
    for (const id of ids) this.gone.add(id);
    this.soon();
  }

  private soon(): void {
    if (this.waiting) return;
    this.waiting = true;
    this.later(() => {
      this.waiting = false;
      this.flush();
    });
  }

  private flush(): void {
    const next = [...this.lines.value];
    for (const m of this.coming) insert(next, m);
    const kept = next.filter((m) => !this.gone.has(m.id));
    this.coming = [];
    this.gone.clear();
    this.lines.value = kept.slice(-mostLines);
  }
}
