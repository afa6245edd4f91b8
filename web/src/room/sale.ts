import { computed, signal } from '@preact/signals';
import { acceptOffer, claim, leaveWait, listChapters, undoClaim } from '../api/buy.ts';
import { actKey, asProblem, session, type Problem, type ProblemCode } from '../api/http.ts';
import type { Chapter, Claim, ClaimReason, Deal, Head, Listing, Refusal, Sale, SaleEvents, Ticker, Variant } from '../api/sale.ts';
import type { CartSum, RoomEvent, Snapshot } from '../api/types.ts';
import { cart, readCart, takeCart } from '../shop/cart.ts';
import { isOut, leftOfAll, marketNow } from '../shop/money.ts';

/** What lies over the picture for a moment: the answer to an act of the buyer, or news that is only theirs. */
export type Notice =
  | { is: 'claim'; claim: Claim }
  | { is: 'refused'; reason: ClaimReason | ProblemCode; code: string; opensAt?: number | null }
  | { is: 'offer'; waiting: string; qty: number; until: number; listing: Listing | null; variant: Variant | null }
  | { is: 'expiring'; until: number; code: string }
  | { is: 'expired'; code: string }
  | { is: 'shown'; listing: Listing };

export type TrayFilter = 'all' | 'sale' | 'shown' | 'coming';

interface Host {
  show: string;
  shop: () => string | null;
  /** Who we are is not enough for this act; do it again once it is. */
  needName: (again: () => void) => void;
  needLogin: () => void;
  tick: (line: Ticker, e: { at: number; seq: number }) => void;
}

const noRules: Sale = { claim_rule: 'guest', hold_s: 600, cancel_ok: true };
const shownMs = 14_000;
const briefMs = 6000;
/** A line that orders something: a code, and how many. */
const orderLike = /^([A-Z]{1,2}\d{1,3})\s*[+X*×]\s*\d/;
/** A wave of events costs one look at the cart. */
const lookAfterMs = 250;

/** What may be claimed of a listing now. */
export type Stub = 'claim' | 'wait' | 'soon' | 'closed';

export function stubOf(l: Listing): Stub {
  if (l.deal?.state === 'countdown') return 'soon';
  if (!l.claim_open) return 'closed';
  if (l.deal?.state === 'sold_out') return 'wait';
  return isOut(leftOf(l)) ? 'wait' : 'claim';
}

export const leftOf = (l: Listing): Variant['left'] => leftOfAll(l.variants.map((v) => v.left));

/** What a room sells, and what this visitor has got of it. The room hands over its events. */
export class SaleCtrl {
  readonly listings = signal<Listing[]>([]);
  readonly pinnedId = signal<string | null>(null);
  readonly rules = signal<Sale>(noRules);
  /** The head of the claims' chain, as last published. */
  readonly head = signal<Head | null>(null);
  readonly sum = signal<CartSum | null>(null);
  readonly notice = signal<Notice | null>(null);
  readonly mine = signal<Claim[]>([]);
  readonly busy = signal<string | null>(null);
  /** The listing whose sheet is open, and the tray's choice. */
  readonly openId = signal<string | null>(null);
  /** A typed claim that leaves the choice open: its sheet finishes it, with the number that was typed. */
  readonly typed = signal<{ code: string; qty: number } | null>(null);
  readonly filter = signal<TrayFilter>('all');
  readonly reminded = signal<ReadonlySet<string>>(new Set());
  readonly chapters = signal<Chapter[] | null>(null);
  /** Counts claims that went well: the stub tears once for each. */
  readonly torn = signal(0);

  readonly pinned = computed(() => this.find(this.pinnedId.value));
  readonly opened = computed(() => this.find(this.openId.value));
  readonly count = computed(() => this.ownCart()?.count ?? this.sum.value?.count ?? 0);
  readonly until = computed(() => {
    const own = this.ownCart();
    return own ? own.held_until : (this.sum.value?.held_until ?? null);
  });

  /** Keys of claims that nobody has answered: they may stand, so trying again must be the same claim. */
  private readonly unsure = new Map<string, string>();
  private readonly host: Host;
  private hiding: ReturnType<typeof setTimeout> | undefined;
  private looking: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host) {
    this.host = host;
  }

  close(): void {
    clearTimeout(this.hiding);
    clearTimeout(this.looking);
  }

  find(id: string | null): Listing | null {
    return id === null ? null : (this.listings.value.find((l) => l.id === id) ?? null);
  }

  snapshot(s: Snapshot): void {
    if (!s.listings) return;
    this.listings.value = s.listings.filter((l) => l.state !== 'withdrawn');
    this.pinnedId.value = s.pinned?.listing_id ?? null;
    this.rules.value = s.sale ?? noRules;
    this.sum.value = s.me.cart ?? null;
    this.head.value = s.claims_head ?? null;
    if (s.me.cart && s.me.cart.count > 0) this.lookAtCart();
  }

  /** Events of selling, at once. Those that only decorate (`pin`) the room holds back itself. */
  take(e: RoomEvent): void {
    switch (e.type) {
      case 'listing.added':
      case 'listing.updated':
        return this.put(e.data.listing);
      case 'listing.removed':
        this.listings.value = this.listings.value.filter((l) => l.id !== e.data.id);
        return;
      case 'listing.order':
        return this.order(e.data.ids);
      case 'claim.window':
        return this.change(e.data.listing_id, { claim_open: e.data.open, per_buyer_max: e.data.per_buyer_max });
      case 'sale.changed':
        this.rules.value = e.data;
        return;
      case 'stock.changed':
        return this.changeVariant(e.data.variant_id, { left: e.data.left });
      case 'price.changed':
        return this.changeVariant(e.data.variant_id, { prices: e.data.prices });
      case 'deal.countdown':
      case 'deal.open':
      case 'deal.progress':
      case 'deal.closed':
        return this.deal(e.data);
      case 'claim.ticker':
        return this.host.tick(e.data, { at: e.at, seq: e.seq ?? 0 });
      case 'claims.head':
        this.head.value = e.data;
        return;
      case 'claim.result':
        this.lookAtCart();
        return e.data.id === null ? this.refusal(e.data) : this.answered(e.data);
      case 'cart.changed':
        return this.cartChanged(e.data);
      case 'hold.expiring':
        return this.say({ is: 'expiring', until: e.data.until, code: this.codeOf(e.data.listing_id) });
      case 'waitlist.offer':
        return this.offered(e.data);
      default:
    }
  }

  pin(id: string | null): void {
    this.pinnedId.value = id;
    const l = this.find(id);
    if (!l) return;
    if (l.state === 'queued') this.change(l.id, { state: 'shown' });
    if (this.reminded.value.has(l.id)) this.say({ is: 'shown', listing: l });
  }

  unpin(id: string): void {
    if (this.pinnedId.value === id) this.pinnedId.value = null;
  }

  /** One tap: claims where there is nothing to choose, else opens the sheet. */
  tap(l: Listing): void {
    const [only, ...more] = l.variants;
    const variant = l.deal?.variant_id ?? (more.length === 0 ? only?.id : undefined);
    if (variant) void this.claim(l, variant, 1);
    else this.openId.value = l.id;
  }

  /** Claims and says what came of it; true when the claim stands. */
  async claim(l: Listing, variant: string, qty: number, fresh = actKey()): Promise<boolean> {
    if (this.busy.value) return false;
    this.busy.value = l.id;
    const what = `${l.id} ${variant} ${qty}`;
    const key = this.unsure.get(what) ?? fresh;
    this.unsure.delete(what);
    try {
      this.answered(await claim(l.id, variant, qty, key));
      this.lookAtCart();
      return true;
    } catch (e) {
      const p = asProblem(e);
      if (p.status === 0 || p.status >= 500) this.unsure.set(what, key);
      this.failed(p, l, () => void this.claim(l, variant, qty, key));
      return false;
    } finally {
      this.busy.value = null;
    }
  }

  async undo(c: Claim): Promise<void> {
    try {
      this.answered(await undoClaim(c.id));
      this.lookAtCart();
    } catch (e) {
      this.say({ is: 'refused', reason: asProblem(e).code, code: c.code });
    }
  }

  async accept(waiting: string): Promise<boolean> {
    try {
      takeCart((await acceptOffer(waiting)).cart);
      this.notice.value = null;
      return true;
    } catch (e) {
      this.say({ is: 'refused', reason: asProblem(e).code, code: '' });
      return false;
    }
  }

  /** Declines an offer: it goes to the next in line. */
  async pass(waiting: string): Promise<void> {
    this.hush();
    await leaveWait(waiting).catch(() => undefined); // an offer that is not declined lapses by itself
    this.lookAtCart();
  }

  remind(l: Listing, on: boolean): void {
    const next = new Set(this.reminded.value);
    if (on) next.add(l.id);
    else next.delete(l.id);
    this.reminded.value = next;
  }

  /** The server takes a line with an unknown code for talk; who meant to order would wait in vain. */
  saidInChat(text: string): void {
    const code = orderLike.exec(text.normalize('NFKC').trim().toUpperCase())?.[1];
    const all = this.listings.value;
    if (!code || all.length === 0 || all.some((l) => l.code.toUpperCase() === code)) return;
    this.say({ is: 'refused', reason: 'unknown_code', code });
  }

  say(n: Notice): void {
    this.notice.value = n;
    const held = n.is === 'claim' && n.claim.state !== 'cancelled';
    this.stay(n.is === 'offer' ? 60_000 : held ? shownMs : briefMs);
  }

  /** Keeps the notice for longer, as while a finger or the focus is on it. */
  stay(ms = shownMs): void {
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => this.hush(), ms);
  }

  hush(): void {
    clearTimeout(this.hiding);
    this.notice.value = null;
  }

  async fetchChapters(): Promise<void> {
    try {
      this.chapters.value = (await listChapters(this.host.show)).items;
    } catch {
      this.chapters.value = []; // a replay without its rail is still a replay
    }
  }

  lookAtCart(): void {
    const shop = this.host.shop();
    if (!shop || this.looking !== undefined) return;
    this.looking = setTimeout(() => {
      this.looking = undefined;
      void readCart(shop, marketNow());
    }, lookAfterMs);
  }

  private ownCart() {
    return cart.value && cart.value.shop.slug === this.host.shop() ? cart.value : null;
  }

  private codeOf(listing: string | null): string {
    return this.find(listing)?.code ?? '';
  }

  private put(l: Listing): void {
    const rest = this.listings.value.filter((x) => x.id !== l.id);
    this.listings.value = l.state === 'withdrawn' ? rest : [...rest, l].toSorted((a, b) => a.position - b.position);
  }

  private order(ids: string[]): void {
    const at = new Map(ids.map((id, i) => [id, i + 1]));
    this.listings.value = this.listings.value
      .map((l) => ({ ...l, position: at.get(l.id) ?? l.position }))
      .toSorted((a, b) => a.position - b.position);
  }

  private change(id: string, to: Partial<Listing>): void {
    this.listings.value = this.listings.value.map((l) => (l.id === id ? { ...l, ...to } : l));
  }

  private changeVariant(id: string, to: Partial<Variant>): void {
    this.listings.value = this.listings.value.map((l) =>
      l.variants.some((v) => v.id === id) ? { ...l, variants: l.variants.map((v) => (v.id === id ? { ...v, ...to } : v)) } : l);
  }

  private deal(d: SaleEvents['deal.open']): void {
    const over = d.state === 'closed' || d.state === 'cancelled' || d.state === 'draft';
    const deal: Deal | null = over ? null : { ...d, id: d.deal_id };
    this.change(d.listing_id, { deal });
  }

  private answered(c: Claim): void {
    const before = this.mine.value.find((x) => x.id === c.id);
    if (before && before.state === c.state && before.given === c.given) return;
    this.mine.value = [c, ...this.mine.value.filter((x) => x.id !== c.id)].slice(0, 100);
    if (c.state === 'ordered') return;
    if (c.state === 'granted' || c.state === 'partial') this.torn.value += 1;
    if (c.state === 'expired') this.say({ is: 'expired', code: c.code });
    else this.say({ is: 'claim', claim: c });
  }

  private refusal(r: Refusal): void {
    const l = this.find(r.listing_id);
    if (r.reason === 'need_option' && l) {
      this.typed.value = { code: l.code, qty: Math.max(1, r.asked) };
      this.openId.value = l.id;
    } else this.say({ is: 'refused', reason: r.reason, code: r.code, opensAt: l?.deal?.opens_at ?? null });
  }

  private failed(p: Problem, l: Listing, again: () => void): void {
    if (p.code === 'need_login' && session.value?.kind === 'anonymous' && this.rules.value.claim_rule === 'guest') return this.host.needName(again);
    if (p.code === 'need_login') return this.host.needLogin();
    if (p.code === 'need_option') {
      this.openId.value = l.id;
      return;
    }
    const opens = p.doc['opens_at'];
    this.say({ is: 'refused', reason: p.code, code: l.code, opensAt: typeof opens === 'number' ? opens : null });
  }

  private cartChanged(d: SaleEvents['cart.changed']): void {
    this.lookAtCart();
    const claimed = this.mine.value.some((c) => c.line_id === d.line_id);
    if (d.reason === 'expired' && !claimed) this.say({ is: 'expired', code: this.codeOf(d.listing_id) });
  }

  private offered(d: SaleEvents['waitlist.offer']): void {
    const listing = this.find(d.listing_id);
    const variant = listing?.variants.find((v) => v.id === d.variant_id) ?? null;
    this.lookAtCart();
    this.say({ is: 'offer', waiting: d.waiting_id, qty: d.qty, until: d.until, listing, variant });
  }
}
