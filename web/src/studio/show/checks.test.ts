import { describe, expect, it } from 'vitest';
import type { Listing } from '../../api/sale.ts';
import type { IngestHealth, Show } from '../../api/types.ts';
import { checksOf, mayGoLive } from './checks.ts';

const show = (over: Partial<Show> = {}): Show =>
  ({ state: 'backstage', title: { 'zh-TW': 'a', th: 'b', en: 'c' }, cover: { id: 'x', url: '' }, ingest: { connected: true }, ...over }) as Show;
const health = (over: Partial<IngestHealth> = {}): IngestHealth => ({
  connected: true, since: 1, bitrate_bps: 2_500_000, fps: 30, key_interval_ms: 2000, width: 720, height: 1280,
  video_codec: 'avc1', audio_codec: 'mp4a', b_frames: false, dropped: 0, warnings: [], ...over,
});
const good = (s: Show, h: IngestHealth | null, seen = false, goods: Listing[] = []): string => checksOf(s, h, seen, goods).filter((c) => c.ok).map((c) => c.id).join(' ');

const run = [{ code: 'A1', variants: [{ prices: { TW: { amount: 1, currency: 'TWD' } } }] }] as unknown as Listing[];

describe('before going live', () => {
  it('all is green with a good signal', () => {
    expect(good(show(), health())).toBe('titles cover prices signal picture sound quality');
    expect(mayGoLive(show(), checksOf(show(), health(), false, run))).toBe(true);
  });

  it('goods without a price are named, and selling nothing is no fault', () => {
    const bare = [{ code: 'A2', variants: [{ prices: {} }] }] as unknown as Listing[];
    expect(good(show(), health(), false, run)).toContain('goods prices');
    expect(good(show(), health(), false, bare)).not.toContain('prices');
    expect(mayGoLive(show(), checksOf(show(), health(), false, bare))).toBe(true);
  });

  it('a missing title or cover, a poor signal or no sound do not stop it', () => {
    const s = show({ title: { th: 'b' }, cover: null });
    const c = checksOf(s, health({ warnings: ['bitrate_low', 'no_audio'], audio_codec: null }), true, []);
    expect(c.filter((x) => x.ok).map((x) => x.id)).toEqual(['prices', 'signal', 'picture']);
    expect(mayGoLive(s, c)).toBe(true);
  });

  it('no picture does', () => {
    const h = health({ warnings: ['no_video'], width: null });
    expect(mayGoLive(show(), checksOf(show(), h, false, []))).toBe(false);
  });

  it('the picture counts as soon as it moves here, even if the server cannot measure it', () => {
    const h = health({ width: null });
    expect(good(show(), h, false)).not.toContain('picture');
    expect(good(show(), h, true)).toContain('picture');
  });

  it('nothing is known of the signal before it comes', () => {
    const s = show({ state: 'scheduled', ingest: { connected: false } });
    const c = checksOf(s, null, false, run);
    expect(c.filter((x) => x.waiting).map((x) => x.id)).toEqual(['signal', 'picture', 'sound', 'quality']);
    expect(mayGoLive(s, c)).toBe(false);
  });
});
