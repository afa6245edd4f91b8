import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Player } from './ctrl.ts';
import type { EngineEvents } from './engine.ts';
import type { Source } from './types.ts';

/** Engines as the player made them: each with what it was told and a way to make it speak. */
const made = vi.hoisted(() => [] as { source: Source; light: boolean; on: EngineEvents; log: string[] }[]);

vi.mock('./engine.ts', () => ({
  HlsEngine: class {
    latency = 1;
    wished = 1;
    playingDate = null;
    edge = 50;
    quality = -1;
    saver = false;
    private readonly me: (typeof made)[number];
    constructor(_lib: unknown, _video: unknown, source: Source, _saver: boolean, light: boolean, on: EngineEvents) {
      this.me = { source, light, on, log: [] };
      made.push(this.me);
    }
    rest(): void { this.me.log.push('rest'); }
    wake(): void { this.me.log.push('wake'); }
    recover(swap: boolean): void { this.me.log.push(swap ? 'swap' : 'recover'); }
    destroy(): void { this.me.log.push('destroy'); }
  },
}));
vi.mock('./hls-load.ts', () => ({
  buildFor: () => 'light', loadHls: () => Promise.resolve({}), playsNatively: () => false,
}));

const live: Source = { kind: 'live', hls: '/live.m3u8', offset_ms: 0 };
const replay: Source = { kind: 'replay', hls: '/vod.m3u8', offset_ms: 5000 };
const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const last = (): (typeof made)[number] => {
  const e = made.at(-1);
  if (!e) throw new Error('no engine was made');
  return e;
};

let video: HTMLVideoElement;
let player: Player;
let plays: (() => Promise<void>)[];

beforeEach(() => {
  vi.useFakeTimers();
  made.length = 0;
  plays = [];
  video = document.createElement('video');
  video.play = () => plays.shift()?.() ?? Promise.resolve();
  player = new Player();
  player.attach(video);
});
afterEach(() => {
  player.destroy();
  vi.useRealTimers();
});

describe('player', () => {
  it('leaves what plays alone when it is told the same source again', async () => {
    player.load(live);
    await tick();
    player.load({ ...live });
    await tick();
    expect(made).toHaveLength(1);
  });

  it('tries again for ever while the source is away, and plays when it comes', async () => {
    player.load(live);
    await tick();
    for (let i = 0; i < 6; i += 1) {
      last().on.sourceError();
      expect(player.phase.value).toBe('waiting');
      await tick(8000);
    }
    expect(made).toHaveLength(7);
    video.dispatchEvent(new Event('playing'));
    expect(player.phase.value).toBe('playing');
  });

  it('mends a media error without loading anew', async () => {
    player.load(live);
    await tick();
    last().on.mediaError();
    last().on.mediaError();
    expect(last().log).toEqual(['recover', 'swap']);
    expect(made).toHaveLength(1);
  });

  it('takes the full library when sound lies apart', async () => {
    player.load(live);
    await tick();
    last().on.needsFull();
    await tick();
    expect(made.map((e) => e.light)).toEqual([true, false]);
    expect(made[0]?.log).toEqual(['destroy']);
  });

  it('loads anew when the picture stands still for too long', async () => {
    player.load(live);
    await tick();
    Object.defineProperty(video, 'paused', { value: false });
    video.dispatchEvent(new Event('playing'));
    await tick(2500);
    expect(player.phase.value).toBe('stalled');
    await tick(8000);
    expect(made.length).toBeGreaterThan(1);
  });

  it('falls back to silence when the browser will not start with sound, and asks for a tap when it will not start at all', async () => {
    const no = (): Promise<void> => Promise.reject(new DOMException('no', 'NotAllowedError'));
    player.load(live);
    await tick();
    player.setMuted(false);
    await tick();
    plays = [no, () => Promise.resolve()];
    player.play();
    await tick();
    expect([player.muted.value, player.blocked.value]).toEqual([true, false]);
    plays = [no];
    player.play();
    await tick();
    expect(player.blocked.value).toBe(true);
  });

  it('starts over when a live playlist ends, and stays at the end of a replay', async () => {
    player.load(live);
    await tick();
    video.dispatchEvent(new Event('ended'));
    expect(player.phase.value).toBe('waiting');
    player.load(replay);
    await tick();
    video.dispatchEvent(new Event('ended'));
    expect(player.phase.value).toBe('ended');
  });

  it('never shows what lies before the offset of a replay', async () => {
    player.load(replay);
    await tick();
    Object.defineProperty(video, 'duration', { value: 65 });
    video.dispatchEvent(new Event('durationchange'));
    expect(player.duration.value).toBe(60);
    player.seek(-3);
    expect([player.position.value, video.currentTime]).toEqual([0, 5]);
    player.seek(90);
    expect([player.position.value, video.currentTime]).toEqual([60, 65]);
  });

  it('forgets a source that was taken away before its library came', async () => {
    player.load(live);
    player.load(null);
    await tick();
    expect([made.length, player.phase.value]).toEqual([0, 'idle']);
  });

  it('plays the sound alone where it has a stream of its own, and the picture again', async () => {
    player.load(live);
    await tick();
    player.setSoundOnly(true);
    expect(player.soundOnly.value).toBe(false);
    last().on.sound('/sound.m3u8');
    player.setSoundOnly(true);
    await tick();
    expect([last().source.hls, player.soundOnly.value]).toEqual(['/sound.m3u8', true]);
    last().on.sound(null);
    player.setSoundOnly(false);
    await tick();
    expect([last().source.hls, player.sound.value]).toEqual(['/live.m3u8', '/sound.m3u8']);
    player.load(replay);
    expect(player.sound.value).toBeNull();
  });
});
