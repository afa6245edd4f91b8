/**
 * Gentle rate control. Latency with low-latency HLS is set by the moment of joining; stalls and
 * clocks move it. A little faster or slower brings it back unheard; far behind, only a jump helps.
 */
export interface RateInput {
  /** Seconds behind the live edge, and what we would like it to be. */
  latency: number;
  target: number;
  /** Seconds of media ahead of the play position. */
  buffered: number;
  /** Rate now: the state of the hysteresis. */
  rate: number;
}

export type RateAct = { rate: number } | { seek: true };

const behind = 0.3;
const settled = 0.05;
const jump = 4;
const faster = 1.05;
const slower = 0.97;

export function steer({ latency, target, buffered, rate }: RateInput): RateAct {
  const late = latency - target;
  if (late > jump) return { seek: true };
  // With next to nothing buffered, playing faster would only stall sooner.
  if (late > behind && buffered > 0.2) return { rate: faster };
  if (late < -behind) return { rate: slower };
  if (rate > 1 && late > settled && buffered > 0.1) return { rate };
  if (rate < 1 && late < -settled) return { rate };
  return { rate: 1 };
}

/** What the delay should stay at: as on joining, but no more than a little above the packager's wish. */
export function targetOf(joined: number, wished: number): number {
  const slack = 0.35;
  return Math.min(Math.max(joined, wished), wished + slack);
}
