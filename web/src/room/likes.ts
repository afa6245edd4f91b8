import { signal } from '@preact/signals';

/** A heart on its way up. `lane` spreads them, 0 to 5. */
export interface Heart {
  id: number;
  lane: number;
}

export const mostHearts = 6;
export const heartMs = 1800;
const sendEveryMs = 1200;
const mostPerPost = 20;

/**
 * Likes: hearts are drawn at once, posts are gathered, so that a happy thumb costs one request
 * a second. Others' likes come in bursts; of those, too, no more than six hearts fly at a time.
 */
export class Likes {
  readonly total = signal(0);
  readonly hearts = signal<Heart[]>([]);
  private mine = 0;
  private next = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly send: (n: number) => Promise<void>;

  constructor(send: (n: number) => Promise<void>) {
    this.send = send;
  }

  tap(): void {
    this.mine = Math.min(this.mine + 1, mostPerPost);
    this.total.value += 1;
    this.fly(1);
    this.timer ??= setTimeout(() => this.flush(), sendEveryMs);
  }

  /** Others' (and our own) likes as the server counts them. */
  burst(n: number, total: number): void {
    this.total.value = Math.max(this.total.value, total);
    this.fly(Math.min(n, 3));
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const n = this.mine;
    this.mine = 0;
    if (n > 0) this.send(n).catch(() => undefined); // a lost heart is not worth a word
  }

  private fly(n: number): void {
    for (let i = 0; i < n && this.hearts.value.length < mostHearts; i += 1) {
      this.next += 1;
      const heart = { id: this.next, lane: this.next % mostHearts };
      this.hearts.value = [...this.hearts.value, heart];
      setTimeout(() => {
        this.hearts.value = this.hearts.value.filter((h) => h.id !== heart.id);
      }, heartMs);
    }
  }
}
