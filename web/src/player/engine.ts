import type Hls from 'hls.js';
import type { ErrorData, Events, HlsConfig } from 'hls.js';
import type { HlsModule } from './hls-load.ts';
import type { Quality, Source } from './types.ts';

/** What the engine tells the controller. */
export interface EngineEvents {
  ready: () => void;
  levels: (all: Quality[]) => void;
  /** Sound has a stream of its own, which can be played without the picture; null: it has none. */
  sound: (hls: string | null) => void;
  /** The light build cannot play this one: sound lies apart. */
  needsFull: () => void;
  mediaError: () => void;
  sourceError: () => void;
}

function configOf(source: Source, saver: boolean): Partial<HlsConfig> {
  const live = source.kind === 'live';
  return {
    lowLatencyMode: live,
    enableWorker: false, // fragmented MP4 passes through: a worker would only copy it
    startFragPrefetch: true,
    testBandwidth: false,
    capLevelToPlayerSize: true,
    backBufferLength: 15,
    maxBufferLength: live ? 12 : 30,
    maxMaxBufferLength: live ? 20 : 60,
    maxLiveSyncPlaybackRate: 1, // the page steers by itself
    liveSyncOnStallIncrease: 0.3,
    startPosition: live ? -1 : source.offset_ms / 1000,
    ...(saver ? { startLevel: 0 } : {}),
  };
}

/** One source on one video element, by hls.js. Made anew for each source and each reload. */
export class HlsEngine {
  private readonly hls: Hls;
  private readonly live: boolean;

  constructor(lib: HlsModule, video: HTMLVideoElement, source: Source, saver: boolean, light: boolean, on: EngineEvents) {
    const name = lib.Events as typeof Events;
    const hls = new lib(configOf(source, saver));
    this.hls = hls;
    this.live = source.kind === 'live';
    hls.on(name.MANIFEST_PARSED, (_e, data) => {
      on.sound(data.audioTracks.find((a) => a.url)?.url ?? null);
      if (light && data.audioTracks.some((a) => a.url)) {
        on.needsFull();
        return;
      }
      if (saver) hls.autoLevelCapping = 0;
      on.levels(data.levels.map((l, index) => ({ index, height: l.height, bitrate: l.bitrate })));
      on.ready();
    });
    hls.on(name.ERROR, (_e, data: ErrorData) => {
      if (!data.fatal) return;
      if (data.type === lib.ErrorTypes.MEDIA_ERROR) on.mediaError();
      else on.sourceError();
    });
    hls.attachMedia(video);
    hls.loadSource(source.hls);
  }

  get latency(): number | null {
    return this.live && this.hls.latency > 0 ? this.hls.latency : null;
  }

  get wished(): number | null {
    return this.hls.targetLatency;
  }

  /** Wall clock of the sender at the picture that shows now. */
  get playingDate(): number | null {
    return this.hls.playingDate?.getTime() ?? null;
  }

  get edge(): number | null {
    return this.hls.liveSyncPosition;
  }

  set quality(index: number) {
    this.hls.nextLevel = index;
  }

  set saver(on: boolean) {
    this.hls.autoLevelCapping = on ? 0 : -1;
  }

  rest(): void {
    this.hls.stopLoad();
  }

  wake(): void {
    this.hls.startLoad(-1);
  }

  recover(swap: boolean): void {
    if (swap) this.hls.swapAudioCodec();
    this.hls.recoverMediaError();
  }

  destroy(): void {
    this.hls.destroy();
  }
}
