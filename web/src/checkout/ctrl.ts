import { computed, signal } from '@preact/signals';
import { askQuote, placeOrder, type Order, type Quote, type QuoteAsk } from '../api/buy.ts';
import { getPick, type Store } from '../api/store.ts';
import { getMe } from '../api/people.ts';
import type { Market } from '../api/types.ts';
import { lastWay } from '../pay/ways.ts';
import { actKey, asProblem, type Problem, type ProblemCode } from '../api/http.ts';
import { addressOf, blank, diffOf, faultsOf, invoiceOf, needsInvoice, serverFault, withAddress, type Diff, type Fault, type Form } from './form.ts';

const draftKey = 'nm-checkout';

/** What was typed survives a reload, not the browser: it is somebody's address. */
function readDraft(): Partial<Form> {
  try {
    return JSON.parse(sessionStorage.getItem(draftKey) ?? '{}') as Partial<Form>;
  } catch {
    return {};
  }
}

/** `whole`: also what is agreed to and chosen, for the way to a map and back. */
function writeDraft(f: Form | null, whole = false): void {
  try {
    if (f) sessionStorage.setItem(draftKey, JSON.stringify(whole ? f : { ...f, exempt: [], coupon: null, pay: '' }));
    else sessionStorage.removeItem(draftKey);
  } catch {
    // blocked: a reload will ask again
  }
}

/** One checkout: the quote as the server has it, the form as it is typed, and the order in the end. */
export class CheckoutCtrl {
  readonly quote = signal<Quote | null>(null);
  readonly failed = signal<ProblemCode | null>(null);
  readonly form = signal<Form>({ ...blank, ...readDraft() });
  readonly faults = signal<Fault[]>([]);
  readonly diffs = signal<Diff[]>([]);
  readonly busy = signal(false);
  /** The order was not placed: why, in the words for a person. */
  readonly refused = signal<ProblemCode | null>(null);
  readonly storeTrouble = signal<'failed' | 'lost' | null>(null);
  /** The store is the one of the last order, which nobody has chosen here. */
  readonly storeIsLast = signal(false);
  readonly empty = computed(() => this.quote.value?.lines.length === 0);

  private readonly of: QuoteAsk;
  private key = actKey();
  private turn = 0;

  constructor(of: QuoteAsk, known: Quote | null = null) {
    this.of = of;
    if (known) this.take(known);
  }

  faultOf(field: string): Fault | undefined {
    return this.faults.value.find((f) => f.field === field);
  }

  set(change: Partial<Form>): void {
    this.form.value = { ...this.form.value, ...change };
    writeDraft(this.form.value);
    const touched = new Set(Object.keys(change));
    if (this.faults.value.some((f) => touched.has(f.field))) this.faults.value = this.faults.value.filter((f) => !touched.has(f.field));
    if (touched.has('exempt')) this.faults.value = this.faults.value.filter((f) => !f.field.startsWith('exempt'));
  }

  /** Before the page is left for a map: everything is as it was when it is back. */
  keepAll(): void {
    writeDraft(this.form.value, true);
  }

  /** Whose parcel the map is asked for. */
  mapOf(q: Quote): { market: Market; shop: string; cart: string; bill?: string; secret?: string } {
    const { bill, secret } = this.of;
    return { market: q.market, shop: q.shop.slug, cart: q.cart, ...(bill ? { bill } : {}), ...(secret ? { secret } : {}) };
  }

  /** The store that the map came back with. */
  async takePick(key: string): Promise<void> {
    try {
      this.takeStore(await getPick(key), false);
      await this.ask(true);
    } catch {
      this.set({ delivery: 'cvs' });
      this.storeTrouble.value = 'lost';
    }
  }

  /** An account's own address, which has answered, where none is typed. */
  async takeMail(): Promise<void> {
    const me = await getMe().catch(() => null);
    if (me?.email && me.email_verified && !this.form.value.email) this.set({ email: me.email });
  }

  takeLast(store: Store): void {
    if (!this.form.value.store_id.trim()) this.takeStore(store, true);
  }

  private takeStore(s: Store, last: boolean): void {
    this.storeTrouble.value = null;
    this.storeIsLast.value = last;
    this.set({ delivery: 'cvs', chain: s.chain, store_id: s.store_id, store_name: s.store_name, store_address: s.store_address ?? '' });
  }

  /** Changes something the price depends on. */
  async choose(change: Partial<Form>): Promise<void> {
    this.set(change);
    await this.ask(true);
  }

  /** Asks for the quote; `own`: the buyer has changed something, so that a new sum is no surprise. */
  async ask(own = false): Promise<void> {
    this.turn += 1;
    const mine = this.turn;
    const f = this.form.value;
    try {
      const q = await askQuote({ ...this.of, delivery: f.delivery, ...(f.pay ? { pay_method: f.pay } : {}), ...(f.coupon ? { coupon_id: f.coupon } : {}) });
      if (mine !== this.turn) return;
      const before = this.quote.value;
      if (before && !own) this.diffs.value = diffOf(before, q);
      this.failed.value = null;
      this.take(q);
    } catch (e) {
      if (mine === this.turn) this.failed.value = asProblem(e).code;
    }
  }

  /** Sends the order. What is wrong comes back as faults, the first of them to be looked at. */
  async place(): Promise<Order | null> {
    const q = this.quote.value;
    if (!q || this.busy.value) return null;
    this.refused.value = null;
    this.faults.value = faultsOf(this.form.value, q);
    if (this.faults.value.length > 0) return null;
    this.busy.value = true;
    try {
      const order = await placeOrder(this.orderOf(q), this.key);
      writeDraft(null);
      return order;
    } catch (e) {
      this.wrong(asProblem(e));
      return null;
    } finally {
      this.busy.value = false;
    }
  }

  private orderOf(q: Quote) {
    const f = this.form.value;
    return {
      cart: q.cart,
      ...(this.of.bill ? { bill: this.of.bill } : {}),
      ...(this.of.secret ? { secret: this.of.secret } : {}),
      quote_hash: q.quote_hash,
      delivery: q.delivery,
      pay_method: q.pay_method,
      ...(q.coupon ? { coupon_id: q.coupon.id } : {}),
      address: addressOf(f, q.market),
      invoice: needsInvoice(q) ? invoiceOf(f) : null,
      ...(f.note.trim() ? { note: f.note.trim() } : {}),
      consents: { terms: true, privacy: true, withdrawal_notice: true, exempt: f.exempt.filter((no) => q.exempt.some((e) => e.no === no)), marketing: false },
    };
  }

  private take(q: Quote): void {
    const first = this.quote.value === null;
    this.quote.value = q;
    const f = this.form.value;
    const last = q.addresses[0];
    const filled = first && last && !f.name ? withAddress(f, last) : f;
    const possible = q.deliveries.some((d) => d.id === filled.delivery);
    const wanted = first ? f.pay || lastWay(q.market) : null;
    const other = q.pay_methods.some((m) => m.id === wanted && m.available) && wanted !== q.pay_method;
    this.form.value = { ...filled, delivery: possible ? filled.delivery : q.delivery, pay: other ? wanted ?? '' : q.pay_method };
    if (first && ((possible && filled.delivery !== q.delivery) || other)) void this.ask(true);
  }

  private wrong(p: Problem): void {
    const fresh = p.doc['quote'] as Quote | undefined;
    if (p.code === 'price_changed') {
      this.key = actKey();
      if (fresh && this.quote.value) {
        this.diffs.value = diffOf(this.quote.value, fresh);
        this.take(fresh);
      } else void this.ask();
      return;
    }
    if (p.code === 'input' && Object.keys(p.fields).length > 0) {
      this.faults.value = Object.entries(p.fields).map(([name, why]) => serverFault(name, why));
      return;
    }
    if (p.code === 'conflict') void this.ask();
    this.refused.value = p.code;
  }
}
