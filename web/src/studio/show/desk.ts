import { signal } from '@preact/signals';
import type { Message } from '../../api/types.ts';

/** Lines kept on the desk, and held messages waiting for a word. */
export const mostLines = 200;
export const mostHeld = 100;

type Later = (f: () => void) => void;

const nextFrame: Later = (f) => {
  if (document.hidden) setTimeout(f, 250);
  else requestAnimationFrame(f);
};

/**
 * The chat as those see it who keep order: hidden lines stay, marked, and held ones queue apart.
 * Bounded; redrawn once a frame however much comes.
 */
export class Desk {
  readonly lines = signal<Message[]>([]);
  readonly held = signal<Message[]>([]);
  private known = new Map<string, Message>();
  private dirty = false;
  private readonly later: Later;

  constructor(later: Later = nextFrame) {
    this.later = later;
  }

  /** Everything anew, in any order. */
  reset(all: Message[]): void {
    this.known = new Map(all.map((m) => [m.id, m]));
    this.soon();
  }

  put(...all: Message[]): void {
    for (const m of all) this.known.set(m.id, m);
    this.soon();
  }

  get(id: string): Message | undefined {
    return this.known.get(id);
  }

  /** Marks what others, or we, took out of the room. */
  hide(ids: string[]): void {
    for (const id of ids) this.setState(id, 'hidden');
  }

  /** Sets a state and tells the one before, so that it can be put back. */
  setState(id: string, state: Message['state']): Message['state'] | null {
    const m = this.known.get(id);
    if (!m) return null;
    this.known.set(id, { ...m, state });
    this.soon();
    return m.state;
  }

  private soon(): void {
    if (this.dirty) return;
    this.dirty = true;
    this.later(() => {
      this.dirty = false;
      this.draw();
    });
  }

  private draw(): void {
    const all = [...this.known.values()].toSorted((a, b) => a.seq - b.seq);
    const held = all.filter((m) => m.state === 'held').slice(-mostHeld);
    const lines = all.filter((m) => m.state !== 'held').slice(-mostLines);
    this.known = new Map([...held, ...lines].map((m) => [m.id, m]));
    this.held.value = held;
    this.lines.value = lines;
  }
}
