import { effect, signal } from '@preact/signals';
import { path } from '../ui/route.ts';
import { visited } from '../ui/stay.ts';

/** What is going on here, as far as a new version cares. */
export interface Doing {
  path: string;
  /** Something lies over the page and waits for an answer. */
  sheet: boolean;
  /** Something is typed and not sent. */
  typed: boolean;
  /** A show is being watched. */
  watching: boolean;
}

/** Pages on which money, a sale or a show is in hand. */
const inHand = /^\/(?:checkout|pay|b|signin|h)(?:\/|$)|^\/studio\/(?:new|shows)/;
/** Until the page before is gone from the screen, with what was typed there. */
const settleMs = 400;
const idleMs = 60_000;
const longMs = 20 * 60_000;

export const busy = (d: Doing): boolean => d.sheet || d.typed || d.watching || inHand.test(d.path);

const fields = 'textarea, input:not([type="checkbox"], [type="radio"], [type="hidden"], [type="range"], [type="file"])';

export function doing(): Doing {
  const typed = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(fields)].some((f) => f.value !== f.defaultValue);
  return { path: path.peek(), sheet: document.querySelector('[role="dialog"]') !== null, typed, watching: visited.peek() !== null };
}

/** True when a new version has waited long, and may be offered in so many words. */
export const waitsLong = signal(false);

/**
 * Lets a new version take over when nothing is in hand: at the next page, or when nobody looks. A page
 * whose worker was changed by another tab goes on with its own code, and begins anew at such a moment.
 */
export class Updates {
  private waiting: ServiceWorker | null = null;
  private behind = false;
  private asked = false;
  private idle: ReturnType<typeof setTimeout> | undefined;
  private long: ReturnType<typeof setTimeout> | undefined;
  private readonly begin: () => void;

  /** `begin`: how the page begins anew. */
  constructor(begin: () => void = () => location.reload()) {
    this.begin = begin;
  }

  follow(reg: ServiceWorkerRegistration): void {
    const had = navigator.serviceWorker.controller !== null;
    if (reg.waiting && had) this.wait(reg.waiting);
    reg.addEventListener('updatefound', () => {
      const next = reg.installing;
      next?.addEventListener('statechange', () => {
        if (next.state === 'installed' && navigator.serviceWorker.controller) this.wait(next);
      });
    });
    let controlled = had;
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (controlled) this.changed();
      controlled = true; // the first worker of all changes nothing
    });
    let at = path.peek();
    effect(() => {
      const now = path.value;
      if (now !== at) setTimeout(() => this.tryNow(), settleMs);
      at = now;
    });
    document.addEventListener('visibilitychange', () => this.look());
  }

  wait(next: ServiceWorker): void {
    this.waiting = next;
    clearTimeout(this.long);
    this.long = setTimeout(() => {
      waitsLong.value = true;
    }, longMs);
    this.look();
  }

  changed(): void {
    this.behind = true;
    if (this.asked) this.begin();
  }

  /** Now, if nothing is in hand. */
  tryNow(): void {
    if (!busy(doing())) this.take();
  }

  /** Now, because it was asked for. */
  take(): void {
    if (this.behind) {
      this.begin();
      return;
    }
    if (!this.waiting || this.asked) return;
    this.asked = true;
    this.waiting.postMessage({ type: 'take-over' });
  }

  private look(): void {
    clearTimeout(this.idle);
    if (document.hidden) this.idle = setTimeout(() => this.tryNow(), idleMs);
  }
}
