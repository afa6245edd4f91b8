import { signal } from '@preact/signals';
import { enterDraw, getDraw, takeCoupon, type CouponDrop, type Giveaway } from '../api/fun.ts';
import { asProblem, session, type ProblemCode } from '../api/http.ts';
import type { RoomEvent, Snapshot } from '../api/types.ts';

export interface Host {
  needName: (again: () => void) => void;
  needLogin: () => void;
}

/** Coupons that are dropped and draws that are held in a room. */
export class FunCtrl {
  readonly coupon = signal<CouponDrop | null>(null);
  readonly draw = signal<Giveaway | null>(null);
  readonly taken = signal<string | null>(null);
  readonly shut = signal<string | null>(null);
  readonly busy = signal(false);
  readonly failed = signal<ProblemCode | null>(null);
  private readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  snapshot(s: Snapshot): void {
    this.coupon.value = s.coupon ?? null;
    this.draw.value = s.giveaway ?? null;
    if (s.giveaway && session.value?.viewer) void this.look(s.giveaway.id);
  }

  take(e: RoomEvent): void {
    switch (e.type) {
      case 'coupon.drop':
        this.coupon.value = e.data;
        return;
      case 'coupon.gone':
        if (this.coupon.value?.coupon_id === e.data.coupon_id) this.coupon.value = null;
        return;
      case 'giveaway.open': {
        const { giveaway_id, ...d } = e.data;
        this.draw.value = { ...d, id: giveaway_id, show_id: '', state: 'open', entries_hash: null, winners: [], me: null };
        return;
      }
      case 'giveaway.entries':
        return this.change(e.data.giveaway_id, { n: e.data.n, ...(e.data.entries_hash ? { state: 'frozen', entries_hash: e.data.entries_hash } : {}) });
      case 'giveaway.drawn':
        return this.change(e.data.giveaway_id, { state: 'drawn', winners: e.data.winners, entries_hash: e.data.entries_hash });
      case 'giveaway.gone':
        if (this.draw.value?.id === e.data.giveaway_id) this.draw.value = null;
        return;
      case 'giveaway.won': {
        const entry = this.draw.value?.me?.entry ?? '';
        return this.change(e.data.giveaway_id, { me: { entry, rank: e.data.rank, state: 'won', until: e.data.until } });
      }
      default:
    }
  }

  async takeCoupon(): Promise<void> {
    const c = this.coupon.value;
    if (!c) return;
    await this.act(async () => {
      await takeCoupon(c.coupon_id);
      this.taken.value = c.coupon_id;
    }, () => void this.takeCoupon());
    if (this.failed.value === 'sold_out') this.coupon.value = null;
  }

  async enter(): Promise<void> {
    const d = this.draw.value;
    if (!d) return;
    await this.act(async () => {
      const { entry, n } = await enterDraw(d.id);
      this.change(d.id, { n: Math.max(n, this.draw.value?.n ?? 0), me: { entry, rank: null, state: 'in', until: null } });
    }, () => void this.enter());
  }

  private async act(f: () => Promise<void>, again: () => void): Promise<void> {
    if (this.busy.value) return;
    this.busy.value = true;
    this.failed.value = null;
    try {
      await f();
    } catch (e) {
      const { code } = asProblem(e);
      if (code !== 'need_login') this.failed.value = code;
      else if (session.value?.kind === 'anonymous') this.host.needName(again);
      else this.host.needLogin();
    } finally {
      this.busy.value = false;
    }
  }

  private change(id: string, to: Partial<Giveaway>): void {
    if (this.draw.value?.id === id) this.draw.value = { ...this.draw.value, ...to };
  }

  /** What is only ours of a draw: the snapshot is the same for all. */
  private async look(id: string): Promise<void> {
    const d = await getDraw(id).catch(() => null);
    if (d) this.change(id, { me: d.me ?? null });
  }
}
