import { EventStream, type StreamState } from './stream.ts';
import type { RoomEvent } from './types.ts';

/** What tabs of one browser tell each other about a show. */
type TabMessage =
  | { k: 'event'; e: RoomEvent; seq: number | null }
  | { k: 'alive'; state: StreamState }
  | { k: 'hello' }
  | { k: 'restart' };

export interface FeedOptions {
  show: string;
  onEvent: (e: RoomEvent) => void;
  onState?: (s: StreamState) => void;
}

export interface Feed {
  /** Who we are has changed: the stream must be opened anew, wherever it is. */
  restart: () => void;
  close: () => void;
}

// The leading tab passes on each sign of life; the server gives one every 15 s.
const silentLeaderMs = 40_000;
const mostKept = 200;

const seqOf = (e: RoomEvent): number | null => (typeof e.seq === 'number' ? e.seq : null);

const eventsUrl = (show: string): string => `/api/v1/shows/${show}/events`;

function aloneFeed(opts: FeedOptions): Feed {
  const stream = new EventStream({ url: eventsUrl(opts.show), ...opts });
  stream.start();
  return { restart: () => stream.restart(), close: () => stream.stop() };
}

/**
 * The events of a show, with one connection per browser. Every tab first reads its own snapshot;
 * then the tab that holds the lock keeps its connection and the others live on what it passes on.
 * When it closes, the lock goes to another, which connects from where it stood.
 */
class SharedFeed implements Feed {
  private readonly opts: FeedOptions;
  private readonly channel: BroadcastChannel;
  private readonly stream: EventStream;
  private readonly leave = new AbortController();
  private leading = false;
  private heard = 0;
  private last: number | null = null;
  private kept: RoomEvent[] = [];
  private readonly watch: ReturnType<typeof setInterval>;

  constructor(opts: FeedOptions) {
    this.opts = opts;
    this.channel = new BroadcastChannel(`nm-show-${opts.show}`);
    this.channel.addEventListener('message', (m: MessageEvent<TabMessage>) => this.fromTab(m.data));
    this.stream = new EventStream({
      url: eventsUrl(opts.show),
      onEvent: (e) => this.fromServer(e),
      onState: (s) => this.state(s),
      onAlive: () => this.alive(),
    });
    this.stream.start();
    this.say({ k: 'hello' });
    this.watch = setInterval(() => this.checkLeader(), 5000);
    void this.lead();
  }

  restart(): void {
    this.say({ k: 'restart' });
    this.stream.restart();
  }

  close(): void {
    clearInterval(this.watch);
    this.leave.abort();
    this.stream.stop();
    this.channel.close();
  }

  private say(m: TabMessage): void {
    this.channel.postMessage(m);
  }

  private async lead(): Promise<void> {
    const closed = new Promise<void>((done) => {
      this.leave.signal.addEventListener('abort', () => done());
    });
    try {
      await navigator.locks.request(`nm-show-${this.opts.show}`, { signal: this.leave.signal }, () => {
        this.leading = true;
        this.connect();
        return closed;
      });
    } catch {
      // closed while still waiting for the lock
    }
  }

  private connect(): void {
    if (this.stream.running) return;
    this.stream.last = this.last;
    this.stream.start();
  }

  private state(s: StreamState): void {
    this.opts.onState?.(s);
    if (this.leading) this.say({ k: 'alive', state: s });
  }

  private alive(): void {
    if (this.leading) this.say({ k: 'alive', state: 'open' });
  }

  private give(e: RoomEvent): void {
    const seq = seqOf(e);
    if (seq !== null) {
      if (e.type !== 'room.snapshot' && this.last !== null && seq <= this.last) return;
      this.last = seq;
    }
    this.opts.onEvent(e);
  }

  private fromServer(e: RoomEvent): void {
    this.give(e);
    if (this.leading) this.say({ k: 'event', e, seq: seqOf(e) });
    else if (e.type === 'room.snapshot') this.follow();
  }

  private fromTab(m: TabMessage): void {
    if (m.k === 'hello' && this.leading) this.say({ k: 'alive', state: 'open' });
    if (m.k === 'restart') this.stream.restart();
    if (m.k === 'alive') {
      this.heard = Date.now();
      if (!this.stream.running) this.opts.onState?.(m.state);
      else if (m.state === 'open') this.follow();
    }
    if (m.k !== 'event') return;
    this.heard = Date.now();
    if (!this.stream.running) this.give(m.e);
    else this.kept = [...this.kept.slice(1 - mostKept), m.e];
  }

  /** Lets go of our own connection once we have a snapshot and another tab leads. */
  private follow(): void {
    const led = !this.leading && Date.now() - this.heard < silentLeaderMs;
    if (!led || this.last === null || !this.stream.running) return;
    this.stream.stop();
    for (const e of this.kept) if (seqOf(e) !== null) this.give(e);
    this.kept = [];
    this.opts.onState?.('open');
  }

  private checkLeader(): void {
    // A leader that the system froze: read for ourselves until it is heard again.
    if (!this.leading && Date.now() - this.heard > silentLeaderMs) this.connect();
  }
}

/** Opens the events of a show. Close it when the room is left. */
export function openFeed(opts: FeedOptions): Feed {
  const shared = typeof BroadcastChannel === 'function' && 'locks' in navigator;
  return shared ? new SharedFeed(opts) : aloneFeed(opts);
}
