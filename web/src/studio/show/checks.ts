import type { Listing } from '../../api/sale.ts';
import type { IngestHealth, Show } from '../../api/types.ts';
import type { Lang } from '../../i18n/area.ts';
import { gradeAll, warningsOf } from './health.ts';

/** `must`: without it nobody goes live. The others can be put right while on air. */
export interface Check {
  id: 'titles' | 'cover' | 'goods' | 'prices' | 'signal' | 'picture' | 'sound' | 'quality';
  ok: boolean;
  must: boolean;
  /** Nothing is known yet, which is no fault. */
  waiting: boolean;
}

/** The languages of the markets and English: in these a title is wanted. */
const wanted: readonly Lang[] = ['zh-TW', 'th', 'en'];
export const missingTitles = (s: Show): Lang[] => wanted.filter((l) => !s.title[l]);

/** Codes of what somebody could not buy for want of a price. */
export const priceless = (run: Listing[]): string[] => run.filter((l) => l.variants.some((v) => !v.prices.TW && !v.prices.TH)).map((l) => l.code);

/** What must be green before viewers are let in. `seen`: the preview moves on this screen. */
export function checksOf(show: Show, health: IngestHealth | null, seen: boolean, run: Listing[]): Check[] {
  const on = health?.connected ?? show.ingest?.connected ?? false;
  const warnings = warningsOf(health);
  const picture = on && !warnings.includes('no_video') && (seen || Boolean(health?.width));
  const sound = on && Boolean(health?.audio_codec) && !warnings.includes('no_audio');
  return [
    { id: 'titles', ok: missingTitles(show).length === 0, must: false, waiting: false },
    { id: 'cover', ok: show.cover !== null, must: false, waiting: false },
    { id: 'goods', ok: run.length > 0, must: false, waiting: false },
    { id: 'prices', ok: priceless(run).length === 0, must: false, waiting: run.length === 0 },
    { id: 'signal', ok: on, must: true, waiting: !on },
    { id: 'picture', ok: picture, must: true, waiting: !picture && !warnings.includes('no_video') },
    { id: 'sound', ok: sound, must: false, waiting: !on || (health?.audio_codec === null && !warnings.includes('no_audio')) },
    { id: 'quality', ok: gradeAll(health) === 'ok', must: false, waiting: !on },
  ];
}

/** On stage, and nothing that must be is missing. */
export const mayGoLive = (show: Show, checks: Check[]): boolean =>
  show.state === 'backstage' && checks.every((c) => c.ok || !c.must);
