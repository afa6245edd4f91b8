/** What to play. The same address again means: nothing changes. */
export interface Source {
  kind: 'live' | 'replay';
  hls: string;
  /** Where a replay starts, in milliseconds of its recording. */
  offset_ms: number;
}

/**
 * `idle`: nothing to play; `loading`: not one frame yet; `playing`; `stalled`: had pictures, has none
 * now; `waiting`: the source is not there, tried again by itself; `ended`: a replay came to its end.
 */
export type Phase = 'idle' | 'loading' | 'playing' | 'stalled' | 'waiting' | 'ended';

export interface Quality {
  /** Index to hand back; -1 lets the player choose. */
  index: number;
  height: number;
  bitrate: number;
}
