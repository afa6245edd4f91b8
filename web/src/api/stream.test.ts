import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventStream, type StreamState } from './stream.ts';
import type { RoomEvent } from './types.ts';

const encoder = new TextEncoder();

/** A server whose connections the test feeds and cuts. */
class FakeServer {
  urls: string[] = [];
  private open: ReadableStreamDefaultController<Uint8Array>[] = [];
  status = 200;
  headers: Record<string, string> = {};

  fetch = (url: string, init: RequestInit): Promise<Response> => {
    this.urls.push(url);
    if (this.status !== 200) return Promise.resolve(new Response(null, { status: this.status, headers: this.headers }));
    const body = new ReadableStream<Uint8Array>({
      start: (c) => {
        this.open.push(c);
        init.signal?.addEventListener('abort', () => c.error(new DOMException('aborted', 'AbortError')));
      },
    });
    return Promise.resolve(new Response(body));
  };

  say(text: string): void {
    this.open.at(-1)?.enqueue(encoder.encode(text));
  }

  event(seq: number | null, type: string, data: unknown = {}): void {
    this.say(`${seq === null ? '' : `id: ${seq}\n`}data: ${JSON.stringify({ seq, type, at: 1, data })}\n\n`);
  }

  cut(): void {
    this.open.at(-1)?.close();
  }
}

let server: FakeServer;
let got: RoomEvent[];
let states: StreamState[];
let stream: EventStream;
const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  vi.stubGlobal('fetch', server.fetch);
  got = [];
  states = [];
  stream = new EventStream({ url: '/e', onEvent: (e) => got.push(e), onState: (s) => states.push(s) });
  stream.start();
});
afterEach(() => {
  stream.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('event stream', () => {
  it('asks for what came after the last event when it reconnects', async () => {
    await tick();
    server.event(5, 'room.snapshot');
    server.event(6, 'chat.removed', { ids: [] });
    await tick();
    server.cut();
    await tick(1000);
    expect(server.urls).toEqual(['/e', '/e?after=6']);
    expect(got.map((e) => e.seq)).toEqual([5, 6]);
  });

  it('gives out nothing twice', async () => {
    await tick();
    server.event(5, 'room.snapshot');
    server.event(5, 'chat.removed');
    server.event(4, 'chat.removed');
    server.event(null, 'viewers.count', { now: 1, peak: 1 });
    await tick();
    expect(got.map((e) => e.type)).toEqual(['room.snapshot', 'viewers.count']);
    expect(stream.last).toBe(5);
  });

  it('takes a new snapshot even when its number is smaller', async () => {
    await tick();
    server.event(50, 'room.snapshot');
    server.event(2, 'room.snapshot');
    await tick();
    expect(got).toHaveLength(2);
    expect(stream.last).toBe(2);
  });

  it('waits as long as a leaving server asks, within jitter', async () => {
    await tick();
    server.event(1, 'room.snapshot');
    server.event(null, 'server.bye', { retry_ms: 8000 });
    await tick();
    server.cut();
    await tick(3900);
    expect(server.urls).toHaveLength(1);
    await tick(8200);
    expect(server.urls).toHaveLength(2);
    expect(got).toHaveLength(1);
  });

  it('drops a connection that is silent for too long', async () => {
    await tick();
    server.say(':\n\n');
    await tick(39_000);
    expect(server.urls).toHaveLength(1);
    await tick(3000);
    expect(server.urls).toHaveLength(2);
  });

  it('tries again for ever when the server is busy, and not when the show is gone', async () => {
    server.status = 503;
    await tick();
    server.cut();
    await tick(60_000);
    expect(server.urls.length).toBeGreaterThan(3);
    server.status = 404;
    await tick(20_000);
    expect(states.at(-1)).toBe('gone');
    const n = server.urls.length;
    await tick(60_000);
    expect(server.urls).toHaveLength(n);
  });

  it('survives an event that is no JSON', async () => {
    await tick();
    server.say('id: 3\ndata: {oops\n\n');
    server.event(4, 'chat.removed', { ids: [] });
    await tick();
    expect(got.map((e) => e.seq)).toEqual([4]);
  });
});
