import { useId } from 'preact/hooks';
import type { Band } from './health.ts';

interface SparkProps {
  values: (number | null)[];
  /** Value at the upper edge; zero lies at the lower one. */
  top: number;
  /** Readings from edge to edge: fewer lie at the right. */
  width: number;
  band?: Band | undefined;
  bad?: boolean;
}

const high = 40;

interface Piece {
  line: string;
  area: string;
}

/** One path for each run of known values: a gap in the readings is a gap in the line. */
export function pieces(values: (number | null)[], top: number, width: number): Piece[] {
  const out: Piece[] = [];
  let run: string[] = [];
  let from = 0;
  let last = 0;
  const close = (): void => {
    if (run.length > 0) out.push({ line: `M${run.join('L')}`, area: `M${from} ${high}L${run.join('L')}L${last} ${high}Z` });
    run = [];
  };
  const start = width - values.length;
  values.forEach((v, i) => {
    if (v === null) {
      close();
      return;
    }
    const x = start + i;
    const y = high - (Math.min(Math.max(v, 0), top) / top) * (high - 2);
    if (run.length === 0) from = x;
    last = x;
    run.push(`${x} ${y.toFixed(1)}`);
  });
  close();
  return out;
}

/** The shortest of these spans that holds all readings, so that a young line is not a dot in a corner. */
export const spanOf = (readings: number, spans: readonly number[]): number =>
  spans.find((s) => s >= readings) ?? spans.at(-1) ?? readings;

/** A small chart without axes: the line, what lies under it, and the band in which it should be. */
export function Spark({ values, top, width, band, bad = false }: SparkProps) {
  const fill = useId();
  const yOf = (v: number): number => high - (Math.min(v, top) / top) * (high - 2);
  return (
    <svg class={`spark${bad ? ' bad' : ''}`} viewBox={`0 0 ${width - 1} ${high}`} preserveAspectRatio="none" aria-hidden="true">
      <defs><linearGradient id={fill} x1="0" y1="0" x2="0" y2="1"><stop class="s0" offset="0" /><stop class="s1" offset="1" /></linearGradient></defs>
      {band && <rect class="band" x="0" y={yOf(band[1])} width={width - 1} height={yOf(band[0]) - yOf(band[1])} />}
      {band && <path class="edge" d={`M0 ${yOf(band[0])}H${width - 1}`} />}
      {band && band[1] < top && <path class="edge" d={`M0 ${yOf(band[1])}H${width - 1}`} />}
      {pieces(values, top, width).map((p) => <g key={p.line.slice(0, 12)}><path d={p.area} fill={`url(#${fill})`} /><path class="line" d={p.line} /></g>)}
    </svg>
  );
}
