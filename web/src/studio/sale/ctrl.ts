import { computed, signal } from '@preact/signals';
import { asProblem } from '../../api/http.ts';
import type { Deal, Listing, Pinned, Review, Sale } from '../../api/sale.ts';
import type { EventData, Market, RoomEvent } from '../../api/types.ts';
import { toast } from '../../ui/toast.tsx';
import { changeStock, putPrices } from '../products/api.ts';
import { getReport } from '../report/api.ts';
import type { Report } from '../report/types.ts';
import { problemText } from '../say.ts';
import { t } from '../strings.ts';
import {
  acceptReview, addListing, assist, cancelDeal, closeDeal, createDeal, dismissReview, getClaims, getListings, getReviews, patchListing, patchSale, pin, putOrder, removeListing, setWindow, unpin,
} from './api.ts';
import type { DealFields, ListingFields, SalePanel } from './types.ts';

const figuresEveryMs = 10_000;
const mostTickers = 60;

export interface Ticker {
  key: number;
  at: number;
  name: string;
  code: string;
  options: string[];
  qty: number;
  place: number;
  waiting: boolean;
}

const blankSale: Sale = { claim_rule: 'guest', hold_s: 600, cancel_ok: true };

/** Whether a deal of it counts down or is open: then there is one to end, not one to start. */
export const dealRuns = (l: Listing): boolean => l.deal?.state === 'countdown' || l.deal?.state === 'open';

/** The selling of one show on the seller's table: run order, pin, claims, deals. Draws nothing. */
export class SaleCtrl {
  readonly id: string;
  readonly listings = signal<Listing[]>([]);
  readonly pinned = signal<Pinned | null>(null);
  readonly sale = signal<Sale>(blankSale);
  readonly reviews = signal<Review[]>([]);
  readonly tickers = signal<Ticker[]>([]);
  readonly figures = signal<Report | null>(null);
  readonly panel = signal<SalePanel>(null);
  readonly loaded = signal(false);
  readonly adding = signal(false);

  /** What is to be sold, in the order of the show. */
  readonly run = computed(() => this.listings.value.filter((l) => l.state !== 'withdrawn').toSorted((a, b) => a.position - b.position));
  readonly current = computed(() => this.listings.value.find((l) => l.id === this.pinned.value?.listing_id) ?? null);
  /** The one that the next press pins: behind the pinned one, else the first that was not shown. */
  readonly next = computed(() => {
    const run = this.run.value;
    const at = run.findIndex((l) => l.id === this.pinned.value?.listing_id);
    return run.slice(at + 1).find((l) => l.state === 'queued') ?? run.find((l) => l.state === 'queued' && l.id !== this.pinned.value?.listing_id) ?? null;
  });

  private timer: ReturnType<typeof setInterval> | undefined;
  private lastTicker = 0;
  private headNo = 0;

  constructor(id: string) {
    this.id = id;
  }

  open(): void {
    void this.load();
    this.timer = setInterval(() => void this.loadFigures(), figuresEveryMs);
  }

  close(): void {
    clearInterval(this.timer);
  }

  async load(): Promise<void> {
    try {
      const got = await getListings(this.id);
      this.listings.value = got.items;
      this.pinned.value = got.pinned;
      this.sale.value = got.sale;
      this.loaded.value = true;
    } catch {
      // the stream's snapshot tells it too
    }
    await this.loadTickers();
    this.reviews.value = (await getReviews(this.id).catch(() => ({ items: [] }))).items;
    await this.loadFigures();
  }

  /** The last claims of the ledger, for who comes in later; what the stream told already stays. */
  private async loadTickers(): Promise<void> {
    if (this.tickers.value.length > 0) return;
    const all = await getClaims(this.id, Math.max(0, this.headNo - mostTickers)).catch(() => null);
    if (!all || this.tickers.value.length > 0) return;
    this.tickers.value = all.items.map((c) => ({
      key: -c.seq_no, at: c.at, name: c.name, code: c.code, options: c.options, qty: c.given || c.asked, place: c.place, waiting: c.state === 'waitlisted',
    }));
  }

  async loadFigures(): Promise<void> {
    if (document.hidden) return;
    this.figures.value = await getReport(this.id).catch(() => this.figures.value);
  }

  snapshot(s: EventData['room.snapshot']): void {
    if (s.listings && !this.loaded.value) this.listings.value = s.listings;
    this.headNo = s.claims_head?.n ?? 0;
    if (s.pinned !== undefined) this.pinned.value = s.pinned;
    if (s.sale) this.sale.value = s.sale;
    void this.load();
  }

  take(e: RoomEvent): void {
    switch (e.type) {
      case 'listing.added':
      case 'listing.updated':
        return this.put(e.data.listing);
      case 'listing.removed':
        this.listings.value = this.listings.value.filter((l) => l.id !== e.data.id);
        return;
      case 'listing.order':
        return this.reorder(e.data.ids);
      case 'listing.pinned':
        this.pinned.value = e.data;
        return this.change(e.data.listing_id, (l) => ({ ...l, state: 'shown' }));
      case 'listing.unpinned':
        this.pinned.value = null;
        return;
      case 'claim.window':
        return this.change(e.data.listing_id, (l) => ({ ...l, claim_open: e.data.open }));
      case 'sale.changed':
        this.sale.value = e.data;
        return;
      case 'stock.changed':
        return this.eachVariant(e.data.variant_id, (v) => ({ ...v, left: e.data.left }));
      case 'price.changed':
        return this.eachVariant(e.data.variant_id, (v) => ({ ...v, prices: e.data.prices }));
      case 'deal.countdown':
      case 'deal.open':
      case 'deal.progress':
      case 'deal.closed':
        return this.takeDeal({ ...e.data, id: e.data.deal_id });
      case 'claim.ticker':
        return this.takeTicker(e);
      case 'staff.review':
        this.reviews.value = [...this.reviews.value.filter((r) => r.id !== e.data.review.id), e.data.review];
        return;
      case 'staff.review_done':
        this.reviews.value = this.reviews.value.filter((r) => r.id !== e.data.id);
        return;
      default:
    }
  }

  // ---- acts: each tells its own failure, and answers whether it was done

  async pinNext(): Promise<void> {
    const next = this.next.value;
    if (next) await this.pin(next.id);
  }

  pin(id: string): Promise<boolean> {
    return this.tried(async () => {
      this.pinned.value = await pin(this.id, id);
      this.change(id, (l) => ({ ...l, state: 'shown' }));
    });
  }

  togglePin(): Promise<boolean> {
    const now = this.pinned.value;
    if (!now) return this.next.value ? this.pin(this.next.value.id) : Promise.resolve(false);
    return this.tried(async () => {
      await unpin(this.id);
      this.pinned.value = null;
    });
  }

  toggleWindow(l: Listing | null = this.current.value): Promise<boolean> {
    if (!l) return Promise.resolve(false);
    return this.tried(async () => this.put(await setWindow(l.id, !l.claim_open)));
  }

  async add(body: ListingFields): Promise<boolean> {
    if (this.adding.value) return false;
    this.adding.value = true;
    const done = await this.tried(async () => this.put(await addListing(this.id, body)));
    this.adding.value = false;
    return done;
  }

  edit(l: Listing, body: Parameters<typeof patchListing>[1]): Promise<boolean> {
    return this.tried(async () => this.put(await patchListing(l, body)));
  }

  remove(l: Listing): Promise<boolean> {
    if (l.state === 'shown') return this.edit(l, { state: 'withdrawn' });
    return this.tried(async () => {
      await removeListing(l.id);
      this.listings.value = this.listings.value.filter((x) => x.id !== l.id);
    });
  }

  /** One place up or down, or to where it was dropped. Shown at once, put back if refused. */
  async move(id: string, to: number): Promise<void> {
    const before = this.run.value.map((l) => l.id);
    const ids = before.filter((x) => x !== id);
    ids.splice(Math.max(0, Math.min(ids.length, to)), 0, id);
    if (ids.every((x, i) => x === before[i])) return;
    this.reorder(ids);
    if (!(await this.tried(() => putOrder(this.id, ids)))) this.reorder(before);
  }

  /** The same new price for every variant of a listing. */
  setPrice(l: Listing, market: Market, amount: number): Promise<boolean> {
    return this.tried(async () => {
      for (const v of l.variants) await putPrices(v.id, { [market]: amount }); // one after the other: they share a product
    });
  }

  addStock(variant: string, delta: number): Promise<boolean> {
    return this.tried(async () => {
      await changeStock(variant, delta, 'adjust');
    });
  }

  setSale(change: Partial<Sale>): Promise<boolean> {
    return this.tried(async () => {
      this.sale.value = await patchSale(this.id, change);
    });
  }

  deal(listing: string, body: DealFields): Promise<boolean> {
    return this.tried(async () => this.takeDeal(await createDeal(listing, body)));
  }

  endDeal(d: Deal): Promise<boolean> {
    return this.tried(async () => this.takeDeal(await (d.state === 'countdown' ? cancelDeal(d.id) : closeDeal(d.id))));
  }

  accept(r: Review, items?: { listing_id: string; variant_id?: string; qty: number }[]): Promise<boolean> {
    return this.tried(async () => {
      await acceptReview(r.id, items);
      this.reviews.value = this.reviews.value.filter((x) => x.id !== r.id);
    });
  }

  dismiss(r: Review): Promise<boolean> {
    return this.tried(async () => {
      await dismissReview(r.id);
      this.reviews.value = this.reviews.value.filter((x) => x.id !== r.id);
    });
  }

  assist(message: string, listing: string, variant: string | undefined, qty: number): Promise<boolean> {
    return this.tried(async () => {
      const c = await assist(this.id, { message_id: message, listing_id: listing, qty, ...(variant ? { variant_id: variant } : {}) });
      toast(t(c.state === 'waitlisted' ? 'assist.waiting' : 'assist.done', { code: c.code, n: c.place }), 'ok');
    });
  }

  private async tried(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (e) {
      const p = asProblem(e);
      toast(p.code === 'input' ? p.message : problemText(p), 'bad');
      return false;
    }
  }

  private put(l: Listing): void {
    const all = this.listings.value;
    this.listings.value = all.some((x) => x.id === l.id) ? all.map((x) => (x.id === l.id ? l : x)) : [...all, l];
  }

  private change(id: string, f: (l: Listing) => Listing): void {
    this.listings.value = this.listings.value.map((l) => (l.id === id ? f(l) : l));
  }

  private reorder(ids: string[]): void {
    const at = new Map(ids.map((id, i) => [id, i + 1]));
    this.listings.value = this.listings.value.map((l) => ({ ...l, position: at.get(l.id) ?? l.position }));
  }

  private eachVariant(id: string, f: (v: Listing['variants'][number]) => Listing['variants'][number]): void {
    this.listings.value = this.listings.value.map((l) => (l.variants.some((v) => v.id === id) ? { ...l, variants: l.variants.map((v) => (v.id === id ? f(v) : v)) } : l));
  }

  private takeDeal(d: Deal): void {
    const over = d.state === 'closed' || d.state === 'cancelled';
    this.change(d.listing_id, (l) => ({ ...l, deal: over ? null : d }));
  }

  private takeTicker(e: Extract<RoomEvent, { type: 'claim.ticker' }>): void {
    this.lastTicker += 1;
    const d = e.data;
    const one: Ticker = { key: this.lastTicker, at: e.at, name: d.name_masked, code: d.code, options: d.options, qty: d.qty, place: d.place, waiting: d.state === 'waitlisted' };
    this.tickers.value = [...this.tickers.value.slice(1 - mostTickers), one];
  }
}
