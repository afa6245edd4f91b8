import type { IngestHealth } from '../../api/types.ts';

/** How a value stands to its rule. `none`: not known, or there is no rule. */
export type Grade = 'ok' | 'warn' | 'bad' | 'none';

// Rules of the Stream service for encoders; the low-latency ones, which are the stricter.
export const bitrateBand: Band = [2e6, 14e6];
export const keyBand: Band = [2000, 4000];
const keySlackMs = 100;
const fpsFloor = 24;

export type Band = readonly [low: number, high: number];

export interface Sample {
  bitrate: number | null;
  fps: number | null;
  key: number | null;
}

/** Readings kept to be drawn: about four minutes at one each two seconds. */
export const mostSamples = 120;

export const sampleOf = (h: IngestHealth): Sample => ({ bitrate: h.bitrate_bps, fps: h.fps, key: h.key_interval_ms });

/** Adds one reading. A new connection begins a new line. */
export function remember(kept: Sample[], before: IngestHealth | null, h: IngestHealth): Sample[] {
  if (!h.connected) return kept.length > 0 && before?.connected ? kept : [];
  const start = before && before.since !== h.since ? [] : kept;
  return [...start.slice(1 - mostSamples), sampleOf(h)];
}

const inBand = (v: number, [low, high]: Band, slack = 0): boolean => v >= low - slack && v <= high + slack;

export function gradeBitrate(v: number | null): Grade {
  if (v === null) return 'none';
  return inBand(v, bitrateBand) ? 'ok' : 'warn';
}

export function gradeKey(v: number | null): Grade {
  if (v === null) return 'none';
  return inBand(v, keyBand, keySlackMs) ? 'ok' : 'warn';
}

export function gradeFps(v: number | null, unstable: boolean): Grade {
  if (v === null) return 'none';
  return unstable || v < fpsFloor ? 'warn' : 'ok';
}

/** Warnings that leave viewers without picture or sound; the others only make it worse. */
const grave = new Set<string>(['no_video', 'not_h264', 'no_audio', 'not_aac']);
const known = new Set<string>([
  'bitrate_low', 'bitrate_high', 'gop_short', 'gop_long', 'b_frames', 'no_audio', 'no_video', 'fps_unstable', 'not_h264', 'not_aac',
]);

export const isGrave = (w: string): boolean => grave.has(w);

/** The warnings that we have words for, the grave ones first. */
export const warningsOf = (h: IngestHealth | null): string[] =>
  (h?.connected ? h.warnings : []).filter((w) => known.has(w)).toSorted((a, b) => Number(isGrave(b)) - Number(isGrave(a)));

/** The worst that can be said of the whole signal. */
export function gradeAll(h: IngestHealth | null): Grade {
  if (!h?.connected) return 'none';
  const all = warningsOf(h);
  if (all.some(isGrave)) return 'bad';
  return all.length > 0 ? 'warn' : 'ok';
}

/** Codec names as people know them. */
export function codecName(codec: string | null): string | null {
  if (!codec) return null;
  if (/^(avc|h264)/i.test(codec)) return 'H.264';
  if (/^(hvc|hev|h265)/i.test(codec)) return 'H.265';
  if (/^av01/i.test(codec)) return 'AV1';
  if (/^(mp4a|aac)/i.test(codec)) return 'AAC';
  return codec;
}

/** Top of a chart's scale: the rule's low edge and all readings fit, whatever the rule's high edge. */
export function topOf(values: (number | null)[], band: Band | null): number {
  const most = Math.max(0, ...values.map((v) => v ?? 0));
  return Math.max(most * 1.25, (band?.[0] ?? 0) * 1.6, 1);
}
