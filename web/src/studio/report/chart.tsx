import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { count, timeOfDay } from '../../i18n/format.ts';
import { t } from '../strings.ts';
import type { Report } from './types.ts';

const high = 280;
const minuteMs = 60_000;

interface Mark {
  at: number;
  until: number | null;
  code: string;
  deal: boolean;
}

const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Flags of pins and bands of deals, drawn over the curve. */
function drawMarks(u: uPlot, marks: Mark[]): void {
  const { ctx, bbox } = u;
  const dpr = devicePixelRatio;
  ctx.save();
  ctx.font = `700 ${12 * dpr}px ${css('--font-num') || 'sans-serif'}`;
  ctx.textBaseline = 'middle';
  let freeFrom = 0;
  for (const m of marks) {
    const x = u.valToPos(m.at / 1000, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const colour = m.deal ? css('--live') : css('--ink-900');
    if (m.deal && m.until) {
      const end = Math.min(u.valToPos(m.until / 1000, 'x', true), bbox.left + bbox.width);
      ctx.globalAlpha = 0.1;
      ctx.fillStyle = colour;
      ctx.fillRect(x, bbox.top, Math.max(2 * dpr, end - x), bbox.height);
      ctx.globalAlpha = 1;
    }
    ctx.strokeStyle = colour;
    ctx.setLineDash([3 * dpr, 3 * dpr]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const wide = ctx.measureText(m.code).width + 12 * dpr;
    if (x < freeFrom) continue; // a flag that would lie on another is left out; its line stays
    freeFrom = x + wide + 4 * dpr;
    ctx.fillStyle = colour;
    ctx.fillRect(x, bbox.top - 20 * dpr, wide, 18 * dpr);
    ctx.fillStyle = '#fff';
    ctx.fillText(m.code, x + 6 * dpr, bbox.top - 11 * dpr);
  }
  ctx.restore();
}

function optionsOf(width: number, marks: Mark[]): uPlot.Options {
  const axis = { stroke: css('--text-3'), font: `600 12px ${css('--font-num') || 'sans-serif'}`, grid: { stroke: '#e5e1e6', width: 1, dash: [2, 4] }, ticks: { show: false }, border: { show: false } };
  return {
    width, height: high, padding: [24, 8, 0, 0], legend: { show: false }, cursor: { y: false },
    scales: { x: { time: true }, y: { range: (_u, _min, max) => [0, Math.max(4, max * 1.08)] } },
    axes: [
      { ...axis, values: (_u, at) => at.map((s) => timeOfDay(s * 1000)) },
      { ...axis, size: 46, values: (_u, all) => all.map((v) => (Number.isInteger(v) ? count(v) : '')) },
    ],
    series: [{}, { stroke: '#b86a00', width: 2.2, points: { show: false }, fill: (u: uPlot) => {
      const g = u.ctx.createLinearGradient(0, u.bbox.top, 0, u.bbox.top + u.bbox.height);
      g.addColorStop(0, 'rgb(255 171 36 / .34)');
      g.addColorStop(1, 'rgb(255 171 36 / 0)');
      return g;
    } }],
    hooks: { draw: [(u: uPlot) => drawMarks(u, marks)] },
  };
}

function marksOf(r: Report): Mark[] {
  return [...r.pins.map((p) => ({ ...p, deal: false })), ...r.deals.map((d) => ({ ...d, deal: true }))].toSorted((a, b) => a.at - b.at);
}

/** How many watched, minute by minute, with what was held up meanwhile. */
export function Retention({ report }: { report: Report }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const el = box.current;
    if (!el) return undefined;
    const points = report.retention.length === 1 ? [...report.retention, { at: (report.retention[0]?.at ?? 0) + minuteMs, viewers: report.retention[0]?.viewers ?? 0 }] : report.retention;
    const plot = new uPlot(optionsOf(el.clientWidth, marksOf(report)), [points.map((p) => p.at / 1000), points.map((p) => p.viewers)], el);
    const watch = new ResizeObserver(() => plot.setSize({ width: el.clientWidth, height: high }));
    watch.observe(el);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [report]);
  const text = t('report.curve', { peak: count(report.viewers.peak), average: count(report.viewers.average) });
  return <div class="retention" role="img" aria-label={text} ref={box} data-testid="retention" />;
}
