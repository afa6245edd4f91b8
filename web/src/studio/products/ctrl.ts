import { signal } from '@preact/signals';
import { asProblem, type Problem, type ProblemCode } from '../../api/http.ts';
import { parseAmount } from '../../i18n/money.ts';
import { shopSlug } from '../shops.ts';
import { upload, type StoredFile } from '../upload.ts';
import { listCategories, listProducts, quickAdd } from './api.ts';
import type { Category, Product, Status } from './types.ts';

const typingMs = 250;

/** The list of products: what was searched for, and as far as it was read. */
export class ListCtrl {
  readonly items = signal<Product[] | null>(null);
  readonly counts = signal<Record<Status, number> | null>(null);
  readonly q = signal('');
  readonly status = signal<Status | ''>('');
  readonly next = signal<string | null>(null);
  readonly failed = signal<ProblemCode | null>(null);
  readonly categories = signal<Category[]>([]);

  private running: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  search(q: string): void {
    this.q.value = q;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(), typingMs);
  }

  filter(status: Status | ''): void {
    this.status.value = status;
    void this.load();
  }

  async load(more = false): Promise<void> {
    this.running?.abort();
    const run = new AbortController();
    this.running = run;
    try {
      const cursor = more ? this.next.value : null;
      const page = await listProducts({ q: this.q.value.trim(), status: this.status.value, category: '', shop: shopSlug.value, ...(cursor ? { cursor } : {}) }, run.signal);
      this.items.value = more ? [...(this.items.value ?? []), ...page.items] : page.items;
      this.next.value = page.next;
      this.counts.value = page.counts;
      this.failed.value = null;
    } catch (e) {
      if (!run.signal.aborted) this.failed.value = asProblem(e).code;
    }
  }

  async loadCategories(): Promise<void> {
    this.categories.value = (await listCategories(shopSlug.value).catch(() => ({ items: [] }))).items;
  }

  /** A product as it is now, in its place; a new one on top. */
  put(p: Product): void {
    const all = this.items.value ?? [];
    this.items.value = all.some((x) => x.id === p.id) ? all.map((x) => (x.id === p.id ? p : x)) : [p, ...all];
  }

  drop(id: string): void {
    this.items.value = (this.items.value ?? []).filter((x) => x.id !== id);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
  }
}

/** A picture on its way: shown from this browser at once, sent up beside the typing. */
export class PictureCtrl {
  readonly preview = signal<string | null>(null);
  readonly part = signal<number | null>(null);
  readonly failed = signal<Problem | null>(null);
  readonly file = signal<StoredFile | null>(null);

  private turn = 0;
  private readonly purpose: 'product' | 'cover';
  private readonly shopId: () => string | null;
  private going: Promise<void> = Promise.resolve();

  constructor(purpose: 'product' | 'cover', shopId: () => string | null) {
    this.purpose = purpose;
    this.shopId = shopId;
  }

  choose(f: File): Promise<void> {
    this.clear();
    this.preview.value = URL.createObjectURL(f);
    this.going = this.send(f, this.turn);
    return this.going;
  }

  /** Waits until what was chosen has arrived, or failed. */
  settled(): Promise<void> {
    return this.going;
  }

  clear(): void {
    this.turn += 1;
    if (this.preview.value) URL.revokeObjectURL(this.preview.value);
    this.preview.value = null;
    this.part.value = null;
    this.failed.value = null;
    this.file.value = null;
  }

  private async send(f: File, turn: number): Promise<void> {
    this.part.value = 0;
    try {
      const got = await upload(f, this.purpose, this.shopId(), (part) => {
        if (turn === this.turn) this.part.value = part;
      });
      if (turn === this.turn) this.file.value = got;
    } catch (e) {
      if (turn === this.turn) this.failed.value = asProblem(e);
    } finally {
      if (turn === this.turn) this.part.value = null;
    }
  }
}

export type QuickField = 'title' | 'price' | 'quantity';
export type QuickFault = 'empty' | 'amount' | 'number';

/** Four fields, one product: picture, name, price, quantity. */
export class QuickCtrl {
  readonly title = signal('');
  readonly price = signal('');
  readonly quantity = signal('');
  readonly faults = signal<Partial<Record<QuickField, QuickFault>>>({});
  readonly busy = signal(false);
  readonly failed = signal<Problem | null>(null);
  readonly picture: PictureCtrl;
  readonly currency: () => 'TWD' | 'THB';

  constructor(shopId: () => string | null, currency: () => 'TWD' | 'THB') {
    this.picture = new PictureCtrl('product', shopId);
    this.currency = currency;
  }

  private check(): boolean {
    const faults: Partial<Record<QuickField, QuickFault>> = {};
    if (!this.title.value.trim()) faults.title = 'empty';
    if (parseAmount(this.price.value, this.currency()) === null) faults.price = 'amount';
    if (!/^\d{1,7}$/.test(this.quantity.value.normalize('NFKC').trim())) faults.quantity = 'number';
    this.faults.value = faults;
    return Object.keys(faults).length === 0;
  }

  /** The new product, or null: something is to be put right. */
  async save(): Promise<Product | null> {
    if (this.busy.value || !this.check()) return null;
    this.busy.value = true;
    this.failed.value = null;
    try {
      await this.picture.settled();
      const id = this.picture.file.value?.id;
      const market = this.currency() === 'THB' ? 'TH' : 'TW';
      const made = await quickAdd(shopSlug.value, {
        title: this.title.value.trim(), media: id ? [id] : [], quantity: Number(this.quantity.value.normalize('NFKC').trim()),
        price: { [market]: parseAmount(this.price.value, this.currency()) ?? 0 },
      });
      this.title.value = '';
      this.price.value = '';
      this.quantity.value = '';
      this.picture.clear();
      return made;
    } catch (e) {
      this.failed.value = asProblem(e);
      return null;
    } finally {
      this.busy.value = false;
    }
  }
}
