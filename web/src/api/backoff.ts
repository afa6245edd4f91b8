/**
 * How long to wait before try number `n` (0 is the first after a failure): doubles from `first` to
 * `most`, and anywhere in its upper half, so that thousands who lost the same server spread out.
 */
export function backoffMs(n: number, first = 400, most = 15_000, random: () => number = Math.random): number {
  const full = Math.min(most, first * 2 ** Math.min(n, 20));
  return Math.round(full * (0.5 + random() / 2));
}
