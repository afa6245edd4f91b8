import { signal } from '@preact/signals';
import { asProblem, type ProblemCode } from '../../api/http.ts';
import { shopSlug } from '../shops.ts';
import type { Ask } from './api.ts';
import type { Page } from './types.ts';

const typingMs = 250;

/** A list of the shop, read page by page; a new question drops the answer of an older one. */
export class ListCtrl<T, P extends Page<T> = Page<T>> {
  readonly items = signal<T[] | null>(null);
  readonly next = signal<string | null>(null);
  /** The first page, for what stands beside the rows. */
  readonly page = signal<P | null>(null);
  readonly failed = signal<ProblemCode | null>(null);
  readonly ask = signal<Omit<Ask, 'shop' | 'cursor'>>({});

  private readonly read: (ask: Ask, signal: AbortSignal) => Promise<P>;
  private running: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(read: (ask: Ask, signal: AbortSignal) => Promise<P>, ask: Omit<Ask, 'shop' | 'cursor'> = {}) {
    this.read = read;
    this.ask.value = ask;
  }

  choose(change: Omit<Ask, 'shop' | 'cursor'>): void {
    this.ask.value = { ...this.ask.value, ...change };
    void this.load();
  }

  search(q: string): void {
    this.ask.value = { ...this.ask.value, q };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(), typingMs);
  }

  async load(more = false): Promise<void> {
    this.running?.abort();
    const run = new AbortController();
    this.running = run;
    const cursor = more ? this.next.value : null;
    try {
      const page = await this.read({ shop: shopSlug.value, ...this.ask.value, ...(cursor ? { cursor } : {}) }, run.signal);
      if (run.signal.aborted) return;
      this.items.value = more ? [...(this.items.value ?? []), ...page.items] : page.items;
      if (!more) this.page.value = page;
      this.next.value = page.next;
      this.failed.value = null;
    } catch (e) {
      if (!run.signal.aborted) this.failed.value = asProblem(e).code;
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
  }
}
