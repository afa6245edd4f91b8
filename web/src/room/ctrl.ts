import { computed, effect, signal, untracked } from '@preact/signals';
import { openFeed, type Feed } from '../api/feed.ts';
import { asProblem, loadSession, session, type ProblemCode } from '../api/http.ts';
import { nameGuest, rename } from '../api/sessions.ts';
import { beat, getShow, sendLikes, sendMessage } from '../api/shows.ts';
import type { StreamState } from '../api/stream.ts';
import type { ChatSettings, EventData, Message, RoomEvent, Sanction, Show, Viewers } from '../api/types.ts';
import { lang } from '../i18n/index.ts';
import { dropBack, takeBack } from '../people/back.ts';
import { Player } from '../player/ctrl.ts';
import { cartPath, rememberShop } from '../shop/cart.ts';
import { nowMs, serverNow, setServerNow, watchClock } from '../ui/clock.ts';
import { go } from '../ui/route.ts';
import { saver, setSaver } from '../ui/saver.ts';
import { toast } from '../ui/toast.tsx';
import { draftKey } from './draft.ts';
import { fetchAll, logPages, upTo } from './past.ts';
import { FunCtrl } from './fun.ts';
import { Likes } from './likes.ts';
import { ChatLog } from './log.ts';
import { SaleCtrl } from './sale.ts';
import { muteOf, stageOf } from './stage.ts';
import type { Panel } from './types.ts';

const beatEveryMs = 10_000;
/** A room that is not there may be about to be made: we look again, less often as time goes by. */
const seekEveryMs = 3000;
const seekMostMs = 15_000;
const longestText = 200;
const mostEndDelayMs = 8000;
const mostLateMs = 15_000;
/** Names that the server gives to who has claimed before being asked for one: in chat they would all be the same. */
const nameless = new Set(['訪客', 'ผู้ชม', 'Guest']);

/** Storage may be blocked altogether; a draft that is then lost on reload is no reason to fail. */
const store = {
  get(key: string): string {
    try {
      return sessionStorage.getItem(key) ?? '';
    } catch {
      return '';
    }
  },
  set(key: string, value: string): void {
    try {
      if (value) sessionStorage.setItem(key, value);
      else sessionStorage.removeItem(key);
    } catch {
      // blocked
    }
  },
};

/** One visit to one room: everything that happens there, and nothing of how it looks. */
export class RoomCtrl {
  readonly id: string;
  readonly player = new Player();
  readonly log = new ChatLog();
  readonly likes: Likes;

  readonly sale: SaleCtrl;
  readonly fun: FunCtrl;

  readonly show = signal<Show | null>(null);
  readonly chat = signal<ChatSettings>({ mode: 'open', slow_s: 0 });
  readonly pinned = signal<Message | null>(null);
  readonly viewers = signal<Viewers>({ now: 0, peak: 0 });
  readonly sanction = signal<Sanction | null>(null);
  readonly role = signal<string | null>(null);
  readonly link = signal<StreamState>('connecting');
  readonly failed = signal<ProblemCode | null>(null);
  readonly brokeAt = signal<number | null>(null);

  readonly draft = signal('');
  readonly sending = signal(false);
  /** Server time before which the next message would be refused. */
  readonly waitUntil = signal(0);
  readonly sendFailed = signal<ProblemCode | null>(null);
  readonly nameFailed = signal<ProblemCode | null>(null);

  readonly panel = signal<Panel>(null);
  readonly bare = signal(false);
  readonly theatre = signal(false);
  readonly saver = saver;
  readonly readAloud = signal(false);
  readonly pinShut = signal<string | null>(null);

  readonly stage = computed(() => (this.link.value === 'gone' && !this.show.value ? 'gone' : stageOf(this.show.value)));
  readonly mute = computed(() => muteOf(this.stage.value, this.chat.value, this.sanction.value, session.value, nowMs.value));
  readonly named = computed(() => session.value?.viewer?.name ?? null);

  /** All that was said, for a replay; null until it is known. */
  private readonly past = signal<Message[] | null>(null);
  private feed: Feed | null = null;
  private timers: ReturnType<typeof setInterval>[] = [];
  private ending: ReturnType<typeof setTimeout> | undefined;
  private stops: (() => void)[] = [];
  private older = false;
  private began = false;
  private nameAsked = false;
  private warmed = false;
  /** This visit began without an account. */
  private stranger = false;
  private pending: (() => void) | null = null;
  /** The room has told who is muted here and how chat goes. */
  private readonly heard = signal(false);
  private seeking: ReturnType<typeof setTimeout> | undefined;
  /** Who the stream was opened as; null until the session is known. */
  private openedAs: { id: string | null } | null = null;
  private seenAt = 0;
  private laters = new Set<ReturnType<typeof setTimeout>>();

  constructor(id: string, known: Show | null) {
    this.id = id;
    this.likes = new Likes((n) => sendLikes(id, n));
    const identity = {
      needName: (again: () => void) => {
        this.pending = again;
        this.panel.value = 'name';
      },
      needLogin: () => {
        this.panel.value = 'login';
      },
    };
    this.fun = new FunCtrl(identity);
    this.sale = new SaleCtrl({
      ...identity,
      show: id,
      shop: () => this.show.value?.shop.slug ?? null,
      tick: (claim, { at, seq }) => this.log.add({ id: `tick_${seq}`, name: claim.name_masked, badge: null, text: '', lang: '', kind: 'claim', at, seq, state: 'shown', claim }),
    });
    this.draft.value = store.get(draftKey(id));
    this.player.setSaver(this.saver.value);
    if (known?.id === id) this.setShow(known);
  }

  /** Starts the picture first, then everything else. */
  open(): void {
    this.stops.push(watchClock(), effect(() => this.playSource()), effect(() => this.playChat()), effect(() => this.followName()), effect(() => this.signedIn()), effect(() => this.playFrom()),
      effect(() => this.seekRoom()));
    if (!this.show.value) void this.fetchShow();
    this.feed = openFeed({
      show: this.id,
      onEvent: (e) => this.take(e),
      onState: (s) => {
        this.link.value = s;
      },
    });
    if (!session.value) loadSession().catch(() => undefined);
    this.timers.push(setInterval(() => void this.beat(), beatEveryMs));
    void this.beat();
  }

  close(): void {
    for (const t of this.timers) clearInterval(t);
    for (const stop of this.stops) stop();
    clearTimeout(this.ending);
    clearTimeout(this.seeking);
    for (const l of this.laters) clearTimeout(l);
    this.sale.close();
    this.likes.flush();
    this.feed?.close();
    this.player.destroy();
  }

  async fetchShow(): Promise<void> {
    this.failed.value = null;
    try {
      const show = await getShow(this.id);
      if (!this.show.value) this.setShow(show);
    } catch (e) {
      if (!this.show.value) this.failed.value = asProblem(e).code;
    }
  }

  write(text: string): void {
    this.draft.value = text.slice(0, longestText);
    this.sendFailed.value = null;
    this.warm();
    store.set(draftKey(this.id), this.draft.value);
  }

  /** Somebody is about to write: what asks for a name is fetched meanwhile. */
  private warm(): void {
    if (this.warmed || this.named.value !== null) return;
    this.warmed = true;
    void import('../people/offer.ts').then((m) => m.loadOffer()).catch(() => undefined);
    void import('./login-sheet.tsx').catch(() => undefined);
  }

  /** Sends the draft; without a name it asks for one first and keeps the draft. */
  async send(): Promise<void> {
    const text = this.draft.value.trim();
    if (!text || this.sending.value || this.mute.value.why !== 'none') return;
    if (serverNow() < this.waitUntil.value) return;
    const given = this.named.value !== null && nameless.has(this.named.value) && !this.nameAsked;
    if (!this.named.value || given) {
      this.nameAsked = true;
      this.panel.value = 'name';
      return;
    }
    this.sending.value = true;
    try {
      const m = await sendMessage(this.id, text, lang.value);
      this.log.add({ ...m, mine: true });
      this.write('');
      this.sale.saidInChat(text);
      if (this.chat.value.mode === 'slow' && !this.role.value) this.waitUntil.value = serverNow() + this.chat.value.slow_s * 1000;
    } catch (e) {
      this.refused(asProblem(e));
    } finally {
      this.sending.value = false;
    }
  }

  /** Takes a name for this visit and sends what was waiting for it. */
  async takeName(name: string): Promise<void> {
    this.nameFailed.value = null;
    try {
      await (session.value?.kind === 'account' ? rename(name) : nameGuest(name));
    } catch (e) {
      this.nameFailed.value = asProblem(e).code;
      return;
    }
    this.panel.value = null;
    dropBack();
    const again = this.pending;
    this.pending = null;
    if (again) again();
    else await this.send();
  }

  /** In at last, here or by another's page: what waited for it is done, once. */
  private signedIn(): void {
    const kind = session.value?.kind;
    if (kind && kind !== 'account') this.stranger = true;
    if (kind !== 'account' || !this.heard.value || this.mute.value.why !== 'none') return;
    const came = this.stranger;
    this.stranger = false;
    untracked(() => void this.goOn(came));
  }

  private async goOn(came: boolean): Promise<void> {
    const asked = came && (this.panel.value === 'name' || this.panel.value === 'login');
    const back = takeBack(this.id);
    if (!asked && !back) return;
    const again = asked ? this.pending : null;
    this.pending = null;
    if (asked) this.panel.value = null;
    again?.();
    const text = this.draft.value.trim();
    const sends = back !== null && text !== '' && back.text === text; // changed meanwhile: it is sent by hand
    if (sends) await this.send();
    const { peopleReady, tw } = await import('../people/strings.ts');
    await peopleReady();
    const name = this.named.value ?? '';
    if (sends && this.draft.value === '') toast(tw('in.sent', { name }), 'ok');
    else toast(tw('in.as', { name }), 'ok');
  }

  /** To the cart of this shop, or straight on to its checkout; the picture comes along. */
  toCart(pay = false): void {
    const shop = this.show.value?.shop.slug ?? '';
    this.sale.hush();
    this.panel.value = null;
    go(pay ? `/checkout?shop=${shop}` : cartPath(shop));
  }

  setSaver(on: boolean): void {
    setSaver(on);
    this.player.setSaver(on);
  }

  /** Fills the log up with what was said before we came. Once is enough: it holds 200 lines. */
  async fetchOlder(): Promise<void> {
    if (this.older) return;
    this.older = true;
    try {
      this.log.add(...(await fetchAll(this.id, logPages)));
    } catch {
      this.older = false;
    }
  }

  /** Whoever we have become, what is private to them comes only over a stream of theirs. */
  private followName(): void {
    if (session.value === null) return;
    const id = session.value.viewer?.id ?? null;
    const before = this.openedAs;
    this.openedAs = { id };
    if (before && before.id !== id) untracked(() => this.feed?.restart());
  }

  private playSource(): void {
    const stage = this.stage.value;
    const p = this.show.value?.playback ?? null;
    const source = stage === 'live' || stage === 'break' || stage === 'replay' ? p : null;
    untracked(() => this.player.load(source));
  }

  /** In a replay, chat is what had been said by the moment that is shown. */
  private playChat(): void {
    if (this.stage.value !== 'replay') return;
    const from = (this.show.value?.live_started_at ?? 0) + this.player.position.value * 1000;
    const said = this.past.value;
    if (said) untracked(() => this.showPast(upTo(said, from)));
    else untracked(() => void this.fetchPast());
  }

  private showPast(lines: Message[]): void {
    const now = this.log.lines.value;
    if (lines.length !== now.length || lines.at(-1)?.id !== now.at(-1)?.id) this.log.reset(lines);
  }

  private async fetchPast(): Promise<void> {
    if (this.older) return;
    this.older = true;
    this.log.reset([]);
    this.past.value = await fetchAll(this.id).catch(() => []);
  }

  /** A link may name the moment to begin with: `?t=` in milliseconds, or `#A12`, a code of the show. */
  private playFrom(): void {
    if (this.began || this.stage.value !== 'replay' || this.player.duration.value === 0) return;
    const asked = Number(new URLSearchParams(location.search).get('t') ?? Number.NaN);
    const code = location.hash.slice(1).toUpperCase();
    const at = code ? this.sale.chapters.value?.find((c) => c.code === code)?.start_ms : asked;
    if (at === undefined && this.sale.chapters.value === null) return; // the chapters are still to come
    this.began = true;
    if (at !== undefined && at > 0) untracked(() => this.player.seek(at / 1000));
  }

  /** While there is no such room, asks for it; as soon as there is, the visit begins. */
  private seekRoom(): void {
    clearTimeout(this.seeking);
    if (this.stage.value !== 'gone') return;
    let wait = seekEveryMs;
    const look = async (): Promise<void> => {
      await this.fetchShow();
      if (this.show.value) return this.feed?.restart();
      wait = Math.min(seekMostMs, wait * 1.1);
      if (this.stage.peek() === 'gone') this.seeking = setTimeout(() => void look(), wait);
    };
    this.seeking = setTimeout(() => void look(), wait);
  }

  private setShow(show: Show): void {
    const before = this.show.value;
    if (show.state === 'interrupted') this.brokeAt.value ??= serverNow();
    else this.brokeAt.value = null;
    this.show.value = show;
    if (!before) {
      rememberShop(show.shop.slug);
      void import('../offline/keep.ts').then((k) => k.keepShow(show), () => undefined);
      this.viewers.value = show.viewers;
      this.chat.value = show.chat;
      this.likes.total.value = show.likes;
    }
  }

  private async beat(): Promise<void> {
    if (this.stage.value === 'gone') return;
    try {
      await beat(this.id, this.player.delayMs.value);
    } catch {
      // the next one comes in ten seconds
    }
  }

  private refused(p: ReturnType<typeof asProblem>): void {
    switch (p.code) {
      case 'need_login':
        this.panel.value = 'name';
        return;
      case 'muted':
        this.sanction.value = { kind: 'mute', until: p.until };
        return;
      case 'slow_down':
        this.waitUntil.value = serverNow() + (p.retryMs ?? 1000);
        return;
      default:
        this.sendFailed.value = p.code;
    }
  }

  private take(e: RoomEvent): void {
    switch (e.type) {
      case 'room.snapshot':
        return this.snapshot(e.data);
      case 'show.state':
        return this.state(e.data);
      case 'show.updated':
        return this.setShow(e.data.show);
      case 'chat.message':
        return this.log.add(e.data);
      case 'chat.removed':
        return this.log.remove(e.data.ids);
      case 'chat.pinned':
        this.pinned.value = e.data.message;
        return;
      case 'chat.mode':
        this.chat.value = e.data;
        return;
      case 'viewers.count':
        this.viewers.value = e.data;
        return;
      case 'like.burst':
        return this.likes.burst(e.data.n, e.data.total);
      case 'me.sanction':
        this.sanction.value = e.data.kind === null ? null : { kind: e.data.kind, until: e.data.until };
        return;
      case 'listing.pinned':
        return this.whenSeen(e, () => this.sale.pin(e.data.listing_id));
      case 'listing.unpinned':
        return this.whenSeen(e, () => this.sale.unpin(e.data.listing_id));
      default:
        this.sale.take(e);
        this.fun.take(e);
    }
  }

  /** What only decorates waits until our picture, which is behind, shows that moment. */
  private whenSeen(e: { at: number; media_at?: number | null }, act: () => void): void {
    const delay = this.player.delayMs.value;
    const due = delay === null ? 0 : (e.media_at ?? e.at) + delay;
    this.seenAt = Math.max(this.laters.size > 0 ? this.seenAt : 0, due); // one after the other, as they came
    const wait = Math.min(mostLateMs, this.seenAt - serverNow());
    if (wait <= 0) return act();
    const timer = setTimeout(() => {
      this.laters.delete(timer);
      act();
    }, wait);
    this.laters.add(timer);
  }

  private snapshot(s: EventData['room.snapshot']): void {
    setServerNow(s.server_now);
    this.setShow(s.show);
    this.failed.value = null;
    this.chat.value = { mode: s.chat.mode, slow_s: s.chat.slow_s };
    this.pinned.value = s.chat.pinned;
    if (this.stage.value !== 'replay') {
      this.log.reset(s.chat.messages);
      this.older = false;
    }
    this.viewers.value = s.viewers;
    this.likes.total.value = s.likes;
    this.role.value = s.me.role;
    this.sanction.value = s.me.sanction;
    for (const l of this.laters) clearTimeout(l);
    this.laters.clear();
    this.sale.snapshot(s);
    this.fun.snapshot(s);
    this.heard.value = true;
  }

  private state(s: EventData['show.state']): void {
    clearTimeout(this.ending);
    const apply = (): void => {
      if (this.show.value) this.setShow({ ...this.show.value, ...s });
    };
    // Our picture is behind the event: let the goodbye be seen to its end.
    const late = Math.min(this.player.delayMs.value ?? 0, mostEndDelayMs);
    if (s.state === 'ended' && late > 0) this.ending = setTimeout(apply, late);
    else apply();
  }
}
