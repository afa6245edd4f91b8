import { signal } from '@preact/signals';
import { serverNow } from '../ui/clock.ts';
import { HlsEngine } from './engine.ts';
import { buildFor, loadHls, playsNatively, type Build } from './hls-load.ts';
import { steer, targetOf } from './rate.ts';
import { Recovery, type Cure } from './recover.ts';
import { wantsSound } from './sound.ts';
import type { Phase, Quality, Source } from './types.ts';

const steerEveryMs = 500;
const stallShownMs = 1500;
const stallReloadMs = 9000;
const settleMs = 1500;
const restAfterMs = 30_000;
/** A source wider than this is shown whole instead of filling the screen. */
const widest = 3 / 4;

/**
 * Plays one source on the room's video element and keeps it playing: it follows the live edge,
 * mends what breaks, and tries again for ever when the source is away. The view reads the signals.
 */
export class Player {
  readonly phase = signal<Phase>('idle');
  readonly muted = signal(true);
  /** The browser wants a tap before anything moves. */
  readonly blocked = signal(false);
  readonly paused = signal(false);
  readonly wide = signal(false);
  readonly qualities = signal<Quality[]>([]);
  readonly quality = signal(-1);
  /** Seconds from where the replay begins, which may lie inside its recording. */
  readonly position = signal(0);
  readonly duration = signal(0);
  readonly speed = signal(1);
  /** The sound's own stream, where it has one. */
  readonly sound = signal<string | null>(null);
  /** Only the sound is played; a picture that stands is shown instead. */
  readonly soundOnly = signal(false);
  /** Real delay from the sender's clock to this screen; null when the source does not say. */
  readonly delayMs = signal<number | null>(null);

  private video: HTMLVideoElement | null = null;
  private engine: HlsEngine | null = null;
  private source: Source | null = null;
  private saver = false;
  private build: Build = 'light';
  private turn = 0;
  private recovery = new Recovery();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private ticker: ReturnType<typeof setInterval> | undefined;
  private leave = new AbortController();
  private target: number | null = null;
  private rested = false;
  private startedAt = 0;
  private movedAt = 0;
  private lastTime = 0;

  attach(video: HTMLVideoElement): void {
    if (this.video === video) return;
    this.video = video;
    video.muted = !wantsSound.value;
    this.muted.value = video.muted;
    this.listen(video);
    this.ticker ??= setInterval(() => this.tick(), steerEveryMs);
    if (this.source) this.open();
  }

  /** Plays `source` from now on; null stops. The same source again changes nothing. */
  load(source: Source | null): void {
    if (source?.hls === this.source?.hls && source?.kind === this.source?.kind) return;
    this.source = source;
    this.sound.value = null;
    this.soundOnly.value = false;
    this.recovery = new Recovery();
    this.close();
    if (!source) {
      this.phase.value = 'idle';
      return;
    }
    this.build = buildFor(source.hls);
    this.phase.value = 'loading';
    if (this.video) this.open();
  }

  setMuted(muted: boolean): void {
    wantsSound.value = !muted;
    this.muted.value = muted;
    if (!this.video) return;
    this.video.muted = muted;
    this.play();
  }

  play(): void {
    const v = this.video;
    if (!v || !this.source) return;
    v.play().then(
      () => {
        this.blocked.value = false;
      },
      (e: unknown) => {
        if (!(e instanceof DOMException) || e.name !== 'NotAllowedError') return;
        if (v.muted) this.blocked.value = true;
        else this.mutedRetry(v);
      },
    );
  }

  pause(): void {
    this.video?.pause();
  }

  seek(seconds: number): void {
    if (!this.video) return;
    this.position.value = Math.min(Math.max(0, seconds), this.duration.value);
    this.video.currentTime = this.begin + this.position.value;
    if (this.phase.value === 'ended') this.play();
  }

  setSpeed(x: number): void {
    this.speed.value = x;
    if (this.video) this.video.playbackRate = x;
  }

  setQuality(index: number): void {
    this.quality.value = index;
    if (this.engine) this.engine.quality = index;
  }

  /** Data saver: the smallest picture there is. */
  setSaver(on: boolean): void {
    this.saver = on;
    if (this.engine) this.engine.saver = on;
  }

  /** Sound without the picture, for who pays by the megabyte, and back. */
  setSoundOnly(on: boolean): void {
    if (on === this.soundOnly.value || (on && !this.sound.value)) return;
    this.soundOnly.value = on;
    this.close();
    this.phase.value = 'loading';
    this.open();
  }

  destroy(): void {
    this.close();
    clearInterval(this.ticker);
    this.ticker = undefined;
    this.leave.abort();
    this.leave = new AbortController();
    this.video = null;
    this.source = null;
    this.phase.value = 'idle';
  }

  private get begin(): number {
    return this.source?.kind === 'replay' ? this.source.offset_ms / 1000 : 0;
  }

  // Sound was chosen before, but this page may not start with it: play muted, offer the pill again.
  private mutedRetry(v: HTMLVideoElement): void {
    v.muted = true;
    this.muted.value = true;
    this.play();
  }

  private listen(v: HTMLVideoElement): void {
    const on = (type: string, f: () => void): void => v.addEventListener(type, f, { signal: this.leave.signal });
    on('playing', () => this.onPlaying());
    on('waiting', () => {
      if (this.phase.value === 'playing') this.phase.value = 'stalled';
    });
    on('pause', () => {
      this.paused.value = true;
    });
    on('play', () => {
      this.paused.value = false;
    });
    on('volumechange', () => {
      this.muted.value = v.muted;
    });
    on('resize', () => {
      this.wide.value = v.videoWidth > v.videoHeight * widest;
    });
    on('timeupdate', () => {
      const at = Math.max(0, v.currentTime - this.begin);
      const moved = at !== this.position.value;
      this.position.value = at;
      if (moved && this.phase.value === 'stalled' && !v.paused) this.onPlaying();
    });
    on('durationchange', () => {
      this.duration.value = Number.isFinite(v.duration) ? Math.max(0, v.duration - this.begin) : 0;
    });
    on('ended', () => this.onEnded());
    on('error', () => {
      if (!this.engine) this.cure(this.recovery.source()); // native playing only: hls.js reports its own
    });
    document.addEventListener('visibilitychange', () => this.onVisible(), { signal: this.leave.signal });
    addEventListener('online', () => this.onOnline(), { signal: this.leave.signal });
  }

  private open(): void {
    const { video, source } = this;
    if (!video || !source) return;
    this.turn += 1;
    const turn = this.turn;
    this.target = null;
    this.startedAt = 0;
    this.movedAt = Date.now();
    if (playsNatively(video)) {
      video.src = source.hls;
      this.play();
      return;
    }
    const build = this.build;
    loadHls(build).then(
      (lib) => {
        if (turn !== this.turn) return;
        const alone = this.soundOnly.value ? this.sound.value : null;
        this.engine = new HlsEngine(lib, video, alone ? { ...source, hls: alone } : source, this.saver, build === 'light', {
          sound: (hls) => {
            if (!alone) this.sound.value = hls;
          },
          ready: () => this.play(),
          levels: (all) => {
            this.qualities.value = all;
          },
          needsFull: () => this.takeFull(),
          mediaError: () => this.cure(this.recovery.media()),
          sourceError: () => this.cure(this.recovery.source()),
        });
      },
      () => {
        if (turn === this.turn) this.cure(this.recovery.source());
      },
    );
  }

  private close(): void {
    this.turn += 1;
    clearTimeout(this.retry);
    this.engine?.destroy();
    this.engine = null;
    this.rested = false;
    this.quality.value = -1;
    this.delayMs.value = null;
    this.setSpeed(1);
    if (this.video?.getAttribute('src')) {
      this.video.removeAttribute('src');
      this.video.load();
    }
  }

  private takeFull(): void {
    this.build = 'full';
    this.close();
    this.open();
  }

  private cure(c: Cure): void {
    if (c.act !== 'reload') {
      this.engine?.recover(c.act === 'swap');
      this.play();
      return;
    }
    this.close();
    this.phase.value = 'waiting';
    this.retry = setTimeout(() => this.open(), c.waitMs);
  }

  private onPlaying(): void {
    const now = Date.now();
    if (this.phase.value !== 'playing') this.startedAt ||= now;
    this.phase.value = 'playing';
    this.movedAt = now;
    this.recovery.playing();
  }

  private onEnded(): void {
    if (this.source?.kind === 'replay') this.phase.value = 'ended';
    else this.cure(this.recovery.source()); // a live input that closed its playlist may come back under a new one
  }

  private onVisible(): void {
    clearTimeout(this.resting);
    const live = this.source?.kind === 'live';
    if (document.hidden) {
      if (live && this.muted.value) this.resting = setTimeout(() => this.rest(), restAfterMs);
      return;
    }
    this.movedAt = Date.now();
    if (!live) return;
    if (this.rested) this.engine?.wake();
    this.rested = false;
    this.play();
  }

  /** Nobody sees or hears it: stop fetching. */
  private rest(): void {
    this.rested = true;
    this.engine?.rest();
  }

  private onOnline(): void {
    if (this.phase.value !== 'waiting') return;
    clearTimeout(this.retry);
    this.open();
  }

  private tick(): void {
    const { video: v, engine } = this;
    if (!v || this.source?.kind !== 'live' || document.hidden) return;
    if (v.currentTime !== this.lastTime) {
      this.lastTime = v.currentTime;
      this.movedAt = Date.now();
    }
    const still = Date.now() - this.movedAt;
    if (!v.paused && still > stallShownMs && this.phase.value === 'playing') this.phase.value = 'stalled';
    if (!v.paused && still > stallReloadMs && this.phase.value !== 'waiting') {
      this.cure(this.recovery.source());
      return;
    }
    if (engine && this.phase.value === 'playing') this.follow(v, engine);
  }

  private follow(v: HTMLVideoElement, engine: HlsEngine): void {
    const date = engine.playingDate;
    this.delayMs.value = date === null ? null : Math.max(0, Math.round(serverNow() - date));
    const { latency, wished } = engine;
    if (latency === null || wished === null || Date.now() - this.startedAt < settleMs) return;
    this.target = Math.max(this.target ?? targetOf(latency, wished), wished);
    const ranges = v.buffered;
    const buffered = ranges.length > 0 ? ranges.end(ranges.length - 1) - v.currentTime : 0;
    const act = steer({ latency, target: this.target, buffered, rate: v.playbackRate });
    if ('rate' in act) {
      if (v.playbackRate !== act.rate) v.playbackRate = act.rate;
      return;
    }
    v.playbackRate = 1;
    if (engine.edge !== null) v.currentTime = engine.edge;
  }
}
