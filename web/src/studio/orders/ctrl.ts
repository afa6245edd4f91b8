import { signal } from '@preact/signals';
import { asProblem, type ProblemCode } from '../../api/http.ts';
import { shopSlug } from '../shops.ts';
import { listOrders } from './api.ts';
import type { OrderRow } from './types.ts';

export type Filter = 'all' | 'to_pack' | 'shipped' | 'returns' | 'cancelled' | 'completed';
export const filters: readonly Filter[] = ['all', 'to_pack', 'shipped', 'returns', 'completed', 'cancelled'];
const typingMs = 250;
const byState = new Set<Filter>(['cancelled', 'completed']);

/** The shop's orders, newest first, as far as they were read. */
export class OrdersCtrl {
  readonly items = signal<OrderRow[] | null>(null);
  readonly next = signal<string | null>(null);
  readonly filter = signal<Filter>('all');
  readonly show = signal('');
  readonly q = signal('');
  readonly failed = signal<ProblemCode | null>(null);

  private running: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  choose(f: Filter): void {
    this.filter.value = f;
    void this.load();
  }

  choiceOfShow(show: string): void {
    this.show.value = show;
    void this.load();
  }

  search(q: string): void {
    this.q.value = q;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(), typingMs);
  }

  async load(more = false): Promise<void> {
    this.running?.abort();
    const run = new AbortController();
    this.running = run;
    const f = this.filter.value;
    try {
      const page = await listOrders({
        shop: shopSlug.value, show: this.show.value, q: this.q.value.trim(),
        ...(f === 'all' ? {} : byState.has(f) ? { state: f } : { status: f }), ...(more && this.next.value ? { cursor: this.next.value } : {}),
      }, run.signal);
      this.items.value = more ? [...(this.items.value ?? []), ...page.items] : page.items;
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
