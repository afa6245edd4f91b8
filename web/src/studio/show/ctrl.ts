import { computed, signal } from '@preact/signals';
import { openFeed, type Feed } from '../../api/feed.ts';
import { asProblem, session, type ProblemCode } from '../../api/http.ts';
import { getShow, listMessages, sendMessage } from '../../api/shows.ts';
import type { StreamState } from '../../api/stream.ts';
import type { ChatSettings, EventData, IngestHealth, Message, RoomEvent, Show, Viewers } from '../../api/types.ts';
import { lang } from '../../i18n/index.ts';
import type { Player } from '../../player/ctrl.ts';
import type { Source } from '../../player/types.ts';
import { serverNow, setServerNow, watchClock } from '../../ui/clock.ts';
import { toast } from '../../ui/toast.tsx';
import { getHealth, moveShow, pinText, sanction, setChat, setMessage, type Move } from '../api.ts';
import { mayArchive, mayModerate, mayRun, roleIn } from '../roles.ts';
import { SaleCtrl } from '../sale/ctrl.ts';
import { problemText } from '../say.ts';
import { t } from '../strings.ts';
import type { ChatChange, Panel, SanctionKind, Tab } from '../types.ts';
import { timeOfDay } from '../../i18n/format.ts';
import { checksOf, mayGoLive } from './checks.ts';
import { Desk, mostLines } from './desk.ts';
import { remember, type Sample } from './health.ts';

const crowdEveryMs = 5000;
const mostCrowd = 120;
const longestText = 200;
const muteMinutes = 10;

const previewStates = new Set(['backstage', 'live', 'interrupted']);

/** One show on the seller's table: before, on and after air. Knows all, draws nothing. */
export class ShowCtrl {
  readonly id: string;
  readonly desk = new Desk();
  readonly sale: SaleCtrl;

  readonly show = signal<Show | null>(null);
  readonly chat = signal<ChatSettings>({ mode: 'open', slow_s: 10 });
  readonly pinned = signal<Message | null>(null);
  readonly viewers = signal<Viewers>({ now: 0, peak: 0 });
  readonly likes = signal(0);
  readonly link = signal<StreamState>('connecting');
  readonly failed = signal<ProblemCode | null>(null);
  readonly brokeAt = signal<number | null>(null);

  readonly health = signal<IngestHealth | null>(null);
  readonly samples = signal<Sample[]>([]);
  /** How many watched, one reading each five seconds. */
  readonly crowd = signal<number[]>([]);

  readonly draft = signal('');
  readonly sending = signal(false);
  readonly busy = signal<Move | null>(null);
  readonly panel = signal<Panel>(null);
  readonly tab = signal<Tab>('chat');
  readonly picked = signal<string | null>(null);

  /** The preview's player, while there is one on the screen. */
  readonly player = signal<Player | null>(null);
  readonly seen = computed(() => (this.player.value?.position.value ?? 0) > 0 && this.player.value?.phase.value === 'playing');

  readonly role = computed(() => roleIn(session.value, this.show.value?.shop.id ?? ''));
  readonly runs = computed(() => mayRun(this.role.value));
  readonly moderates = computed(() => mayModerate(this.role.value));
  readonly archives = computed(() => mayArchive(this.role.value));
  readonly checks = computed(() => (this.show.value ? checksOf(this.show.value, this.health.value, this.seen.value, this.sale.run.value) : []));
  readonly ready = computed(() => this.show.value !== null && mayGoLive(this.show.value, this.checks.value));
  readonly source = computed<Source | null>(() => sourceOf(this.show.value));

  private feed: Feed | null = null;
  private stops: (() => void)[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(id: string) {
    this.id = id;
    this.sale = new SaleCtrl(id);
  }

  open(): void {
    this.sale.open();
    this.stops.push(watchClock());
    void this.fetch();
    this.feed = openFeed({
      show: this.id,
      onEvent: (e) => this.take(e),
      onState: (s) => {
        this.link.value = s;
      },
    });
    this.timer = setInterval(() => this.countCrowd(), crowdEveryMs);
  }

  close(): void {
    this.sale.close();
    clearInterval(this.timer);
    for (const stop of this.stops) stop();
    this.feed?.close();
  }

  async fetch(): Promise<void> {
    this.failed.value = null;
    try {
      this.setShow(await getShow(this.id));
    } catch (e) {
      if (!this.show.value) this.failed.value = asProblem(e).code;
      return;
    }
    void this.fetchHealth();
  }

  setShow(s: Show): void {
    const before = this.show.value;
    if (before && before.state !== s.state) this.panel.value = null; // what it asked no longer holds
    this.brokeAt.value = s.state === 'interrupted' ? (this.brokeAt.value ?? serverNow()) : null;
    this.show.value = s;
    if (before) return;
    this.viewers.value = s.viewers;
    this.likes.value = s.likes;
    this.chat.value = s.chat;
  }

  /** Go live, end, cancel, archive. True when it is done. */
  async move(move: Move): Promise<boolean> {
    if (this.busy.value) return false;
    this.busy.value = move;
    try {
      this.setShow(await moveShow(this.id, move));
      this.panel.value = null;
      return true;
    } catch (e) {
      toast(problemText(asProblem(e)), 'bad');
      void this.fetch();
      return false;
    } finally {
      this.busy.value = null;
    }
  }

  write(text: string): void {
    this.draft.value = text.slice(0, longestText);
  }

  /** Says something as host or moderator; what could not be sent stays in the field. */
  async send(): Promise<void> {
    const text = this.draft.value.trim();
    if (!text || this.sending.value) return;
    this.sending.value = true;
    try {
      this.desk.put(await sendMessage(this.id, text, lang.value));
      this.draft.value = '';
    } catch (e) {
      toast(`${t('chat.notSent')} ${problemText(asProblem(e))}`, 'bad');
    } finally {
      this.sending.value = false;
    }
  }

  /** Shown at once, and taken back if the server refuses. */
  async setMessage(id: string, state: 'hidden' | 'shown'): Promise<void> {
    const before = this.desk.setState(id, state);
    try {
      this.desk.put(await setMessage(id, state));
    } catch (e) {
      if (before) this.desk.setState(id, before);
      toast(problemText(asProblem(e)), 'bad');
    }
  }

  async punish(m: Message, kind: SanctionKind): Promise<void> {
    try {
      const s = await sanction(this.id, m.id, kind, kind === 'mute' ? muteMinutes : null);
      const name = s.name || m.name;
      toast(s.until === null ? t('mod.banned', { name }) : t('mod.muted', { name, time: timeOfDay(s.until) }), 'ok');
    } catch (e) {
      toast(problemText(asProblem(e)), 'bad');
    }
  }

  async pin(text: string | null): Promise<boolean> {
    try {
      await pinText(this.id, text);
      if (text === null) this.pinned.value = null;
      return true;
    } catch (e) {
      toast(problemText(asProblem(e)), 'bad');
      return false;
    }
  }

  async setChat(change: ChatChange): Promise<void> {
    const before = this.chat.value;
    this.chat.value = { ...before, ...change };
    try {
      this.chat.value = await setChat(this.id, change);
    } catch (e) {
      this.chat.value = before;
      toast(problemText(asProblem(e)), 'bad');
    }
  }

  toggleSlow(): Promise<void> {
    return this.setChat(this.chat.value.mode === 'slow' ? { mode: 'open' } : { mode: 'slow' });
  }

  private async fetchHealth(): Promise<void> {
    try {
      this.takeHealth(await getHealth(this.id));
    } catch {
      // the stream of events tells it too
    }
  }

  private async fetchMessages(): Promise<void> {
    try {
      const page = await listMessages(this.id, mostLines / 2);
      this.desk.put(...page.items);
    } catch {
      // what the snapshot brought stays
    }
  }

  private countCrowd(): void {
    if (this.show.value?.state !== 'live') return;
    this.crowd.value = [...this.crowd.value.slice(1 - mostCrowd), this.viewers.value.now];
  }

  private takeHealth(h: IngestHealth): void {
    this.samples.value = remember(this.samples.value, this.health.value, h);
    this.health.value = h;
  }

  private take(e: RoomEvent): void {
    this.sale.take(e);
    switch (e.type) {
      case 'room.snapshot':
        return this.snapshot(e.data);
      case 'show.state':
        if (this.show.value) this.setShow({ ...this.show.value, ...e.data });
        if (e.data.state === 'replay_ready') void this.fetch();
        return;
      case 'show.updated':
        return this.setShow({ ...this.show.value, ...e.data.show });
      case 'chat.message':
      case 'staff.held':
        return this.desk.put(e.data);
      case 'chat.removed':
        return this.desk.hide(e.data.ids);
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
        this.likes.value = e.data.total;
        return;
      case 'staff.ingest':
        return this.takeHealth(e.data);
      default:
    }
  }

  private snapshot(s: EventData['room.snapshot']): void {
    setServerNow(s.server_now);
    this.setShow({ ...this.show.value, ...s.show });
    this.failed.value = null;
    this.chat.value = { mode: s.chat.mode, slow_s: s.chat.slow_s };
    this.pinned.value = s.chat.pinned;
    this.viewers.value = s.viewers;
    this.likes.value = s.likes;
    this.desk.reset(s.chat.messages);
    this.sale.snapshot(s);
    void this.fetchMessages();
  }
}

/** What the preview plays: the private picture backstage, then what viewers get. */
export function sourceOf(s: Show | null): Source | null {
  if (!s || (!previewStates.has(s.state) && s.state !== 'replay_ready')) return null;
  if (s.state === 'backstage') return s.preview ? { kind: 'live', hls: s.preview.hls, offset_ms: 0 } : null;
  return s.playback;
}
