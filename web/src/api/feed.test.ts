import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFeed, type Feed } from './feed.ts';
import type { RoomEvent } from './types.ts';

const encoder = new TextEncoder();
type Out = ReadableStreamDefaultController<Uint8Array>;

/** Connections as the server has them; one that a tab gives up is gone from here. */
let open: { url: string; out: Out }[];
let head: number;
let tabs: Feed[];

const line = (seq: number, type: string): Uint8Array =>
  encoder.encode(`id: ${seq}\ndata: ${JSON.stringify({ seq, type, at: 1, data: {} })}\n\n`);

function serve(url: string, init: RequestInit): Promise<Response> {
  const body = new ReadableStream<Uint8Array>({
    start(out) {
      const mine = { url, out };
      open.push(mine);
      if (!url.includes('after=')) out.enqueue(line(head, 'room.snapshot'));
      init.signal?.addEventListener('abort', () => {
        open = open.filter((c) => c !== mine);
        out.error(new DOMException('aborted', 'AbortError'));
      });
    },
  });
  return Promise.resolve(new Response(body));
}

function say(): void {
  head += 1;
  for (const c of open) c.out.enqueue(line(head, 'chat.removed'));
}

/** Locks as browsers have them: one holder, the rest in line. */
function fakeLocks() {
  const queue: (() => Promise<void>)[] = [];
  let busy = false;
  async function next(): Promise<void> {
    const job = queue.shift();
    if (!job || busy) return;
    busy = true;
    await job();
    busy = false;
    void next();
  }
  return {
    request: (_name: string, opts: { signal: AbortSignal }, hold: () => Promise<void>) =>
      new Promise<void>((done) => {
        queue.push(async () => {
          if (!opts.signal.aborted) await hold();
          done();
        });
        if (!busy) void next();
      }),
  };
}

function tab(): { seqs: number[]; feed: Feed } {
  const seqs: number[] = [];
  const feed = openFeed({ show: 'shw_1', onEvent: (e: RoomEvent) => seqs.push(e.seq ?? 0) });
  tabs.push(feed);
  return { seqs, feed };
}

const settle = (): Promise<unknown> => new Promise((done) => setTimeout(done, 30));

beforeEach(() => {
  open = [];
  tabs = [];
  head = 5;
  vi.stubGlobal('fetch', serve);
  Object.defineProperty(navigator, 'locks', { value: fakeLocks(), configurable: true });
});
afterEach(() => {
  for (const t of tabs) t.close();
  vi.unstubAllGlobals();
});

describe('one stream for all tabs', () => {
  it('leaves one connection, and every tab hears everything once', async () => {
    const a = tab();
    await settle();
    const b = tab();
    const c = tab();
    await settle();
    expect(open).toHaveLength(1);
    say();
    say();
    await settle();
    for (const t of [a, b, c]) expect(t.seqs).toEqual([5, 6, 7]);
  });

  it('goes on from where it stood when the leading tab closes', async () => {
    const a = tab();
    await settle();
    const b = tab();
    await settle();
    say();
    await settle();
    a.feed.close();
    await settle();
    expect(open.map((c) => c.url)).toEqual(['/api/v1/shows/shw_1/events?after=6']);
    say();
    await settle();
    expect(b.seqs).toEqual([5, 6, 7]);
  });

  it('works alone where tabs cannot talk', async () => {
    vi.stubGlobal('BroadcastChannel', undefined);
    const a = tab();
    const b = tab();
    await settle();
    say();
    await settle();
    expect([open.length, a.seqs, b.seqs]).toEqual([2, [5, 6], [5, 6]]);
  });
});
