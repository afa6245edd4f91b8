import type { IngestHealth } from '../../api/types.ts';
import { Icon } from '../../ui/icon.tsx';
import { t } from '../strings.ts';
import type { ShowCtrl } from './ctrl.ts';
import {
  bitrateBand, codecName, gradeAll, gradeBitrate, gradeFps, gradeKey, isGrave, keyBand, mostSamples, topOf, warningsOf, type Band, type Grade, type Sample,
} from './health.ts';
import { Spark, spanOf } from './spark.tsx';

interface GaugeProps {
  name: string;
  value: string;
  unit: string;
  rule: string;
  grade: Grade;
  values: (number | null)[];
  band: Band | null;
  testId: string;
}

const spans = [30, 60, mostSamples];
const noValue = '–';
export const mbps = (bps: number | null | undefined): string => (bps === null || bps === undefined ? noValue : (bps / 1e6).toFixed(1));
export const rate = (fps: number | null | undefined): string => (fps === null || fps === undefined ? noValue : String(Math.round(fps)));
const secs = (ms: number | null | undefined): string => (ms === null || ms === undefined ? noValue : (ms / 1000).toFixed(1));

function Gauge({ name, value, unit, rule, grade, values, band, testId }: GaugeProps) {
  const poor = grade === 'warn' || grade === 'bad';
  return (
    <div class={`gauge ${grade}`} data-testid={testId} data-grade={grade}>
      <span class="k">{name}{poor && <Icon name="warn" size={14} />}{poor && <span class="vh">{t('health.off')}</span>}</span>
      <span class="v"><b class="num">{value}</b> <small>{unit}</small></span>
      <Spark values={values} top={topOf(values, band)} width={spanOf(values.length, spans)} band={band ?? undefined} bad={poor} />
      <span class="rule">{rule}</span>
    </div>
  );
}

function Gauges({ h, samples }: { h: IngestHealth | null; samples: Sample[] }) {
  const unsteady = h?.warnings.includes('fps_unstable') ?? false;
  const fps = samples.map((s) => s.fps);
  return (
    <div class="gauges">
      <Gauge name={t('health.bitrate')} value={mbps(h?.bitrate_bps)} unit="Mbps" rule={t('health.bitrateRule')} grade={gradeBitrate(h?.bitrate_bps ?? null)}
        values={samples.map((s) => s.bitrate)} band={bitrateBand} testId="health-bitrate" />
      <Gauge name={t('health.fps')} value={rate(h?.fps)} unit="fps" rule={t('health.fpsRule')} grade={gradeFps(h?.fps ?? null, unsteady)}
        values={fps} band={null} testId="health-fps" />
      <Gauge name={t('health.key')} value={secs(h?.key_interval_ms)} unit={t('health.seconds')} rule={t('health.keyRule')} grade={gradeKey(h?.key_interval_ms ?? null)}
        values={samples.map((s) => s.key)} band={keyBand} testId="health-key" />
    </div>
  );
}

function Facts({ h }: { h: IngestHealth }) {
  const size = h.width && h.height ? `${h.width}×${h.height}` : noValue;
  const facts: [string, string, string][] = [
    ['size', t('health.size'), size],
    ['video', t('health.video'), codecName(h.video_codec) ?? noValue],
    ['audio', t('health.audio'), codecName(h.audio_codec) ?? noValue],
    ['b', t('health.bframes'), h.b_frames === null ? noValue : t(h.b_frames ? 'health.yes' : 'health.no')],
    ['dropped', t('health.dropped'), h.dropped === null ? noValue : String(h.dropped)],
  ];
  return <dl class="facts">{facts.map(([id, k, v]) => <div key={id} data-testid={`health-${id}`}><dt>{k}</dt><dd>{v}</dd></div>)}</dl>;
}

function Warnings({ h }: { h: IngestHealth | null }) {
  return (
    <ul class="warnings" aria-live="polite" data-testid="health-warnings">
      {warningsOf(h).map((w) => (
        <li key={w} class={`note ${isGrave(w) ? 'bad' : 'warn'}`} data-testid={`warn-${w}`}>
          <Icon name="warn" size={18} /><span><b>{t(`warn.${w}` as 'warn.no_video')}</b> {t(`fix.${w}` as 'fix.no_video')}</span>
        </li>
      ))}
    </ul>
  );
}

const tones: Record<Grade, string> = { ok: 'ok', warn: 'warn', bad: 'bad', none: '' };

/** What arrives from the encoder: drawn against the rules, and said in words where it breaks one. */
export function Signal({ ctrl }: { ctrl: ShowCtrl }) {
  const h = ctrl.health.value;
  const grade = gradeAll(h);
  return (
    <section class="card signal" aria-labelledby="h-signal" data-testid="health" data-connected={h?.connected ?? false}>
      <div class="row"><h2 class="sec" id="h-signal">{t('health.title')}</h2><span class={`pill end ${tones[grade]}`} data-testid="health-grade">{t(`grade.${grade}`)}</span></div>
      <Gauges h={h} samples={ctrl.samples.value} />
      {h?.connected && <Facts h={h} />}
      <Warnings h={h} />
    </section>
  );
}
