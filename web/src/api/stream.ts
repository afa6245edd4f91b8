import { firstOf } from './abort.ts';
import { backoffMs } from './backoff.ts';
import { SseParser, type SseEvent } from './sse.ts';
import type { RoomEvent } from './types.ts';

export type StreamState = 'connecting' | 'open' | 'waiting' | 'gone';

export interface StreamOptions {
  /** Address without `after`. */
  url: string;
  onEvent: (e: RoomEvent) => void;
  onState?: (s: StreamState) => void;
  /** Bytes came, if only a comment: the connection lives. */
  onAlive?: () => void;
}

// The server comments every 15 s: longer silence than two of them is a dead connection.
const silenceMs = 40_000;
const goneStatus = new Set([400, 403, 404, 410]);

class Refused extends Error {
  readonly status: number;
  readonly waitMs: number | null;
  constructor(res: Response) {
    super(`event stream: status ${res.status}`);
    this.status = res.status;
    const s = Number(res.headers.get('Retry-After'));
    this.waitMs = s > 0 ? s * 1000 : null;
  }
}

function parse(e: SseEvent): RoomEvent | null {
  try {
    return JSON.parse(e.data) as RoomEvent;
  } catch {
    return null;
  }
}

/**
 * One event stream that never gives up: it reconnects with jitter and asks for what came after the
 * last logged event, so that nothing is missed and nothing comes twice.
 */
export class EventStream {
  /** Sequence number of the last logged event given out. */
  last: number | null;
  private readonly opts: StreamOptions;
  private abort: AbortController | null = null;
  private wake: (() => void) | null = null;
  private tries = 0;
  private byeMs: number | null = null;
  private readonly nudge = (): void => this.wake?.();

  constructor(opts: StreamOptions, after: number | null = null) {
    this.opts = opts;
    this.last = after;
  }

  get running(): boolean {
    return this.abort !== null;
  }

  start(): void {
    if (this.abort) return;
    const mine = new AbortController();
    this.abort = mine;
    addEventListener('online', this.nudge);
    void this.run(mine.signal);
  }

  stop(): void {
    removeEventListener('online', this.nudge);
    this.abort?.abort();
    this.abort = null;
    this.wake?.();
  }

  /** Connects anew as whoever we are now, without losing events. */
  restart(): void {
    if (!this.abort) return;
    this.stop();
    this.tries = 0;
    this.start();
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let waitMs: number | null = null;
      this.opts.onState?.('connecting');
      try {
        await this.connect(signal);
      } catch (e) {
        if (signal.aborted) return;
        if (e instanceof Refused && goneStatus.has(e.status)) {
          this.opts.onState?.('gone');
          return;
        }
        waitMs = e instanceof Refused ? e.waitMs : null;
      }
      if (signal.aborted) return;
      this.opts.onState?.('waiting');
      await this.pause(waitMs ?? this.byeMs ?? backoffMs(this.tries));
      this.byeMs = null;
      this.tries += 1;
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  private async connect(outer: AbortSignal): Promise<void> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), silenceMs);
    const url = this.last === null ? this.opts.url : `${this.opts.url}?after=${this.last}`;
    try {
      const res = await fetch(url, {
        headers: { Accept: 'text/event-stream' },
        cache: 'no-store',
        credentials: 'same-origin',
        signal: firstOf(outer, silence.signal),
      });
      if (!res.ok || !res.body) throw new Refused(res);
      this.opts.onState?.('open');
      const parser = new SseParser();
      const reader = res.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || outer.aborted) return;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), silenceMs);
        this.opts.onAlive?.();
        for (const e of parser.push(value)) this.take(e);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private take(raw: SseEvent): void {
    const e = parse(raw);
    if (!e) return;
    this.tries = 0;
    if (e.type === 'server.bye') {
      this.byeMs = Math.round(e.data.retry_ms * (0.5 + Math.random()));
      return;
    }
    const seq = raw.id === null ? null : Number(raw.id);
    e.seq = seq;
    if (seq !== null) {
      if (e.type !== 'room.snapshot' && this.last !== null && seq <= this.last) return;
      this.last = seq;
    }
    this.opts.onEvent(e);
  }
}
