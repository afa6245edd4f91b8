import { describe, expect, it } from 'vitest';
import type { IngestHealth, IngestWarning } from '../../api/types.ts';
import { codecName, gradeAll, gradeBitrate, gradeFps, gradeKey, mostSamples, remember, topOf, warningsOf, type Sample } from './health.ts';

const health = (over: Partial<IngestHealth> = {}): IngestHealth => ({
  connected: true, since: 1, bitrate_bps: 2_500_000, fps: 30, key_interval_ms: 2000, width: 720, height: 1280,
  video_codec: 'avc1.640028', audio_codec: 'mp4a.40.2', b_frames: false, dropped: 0, warnings: [], ...over,
});

describe('values against their rules', () => {
  it('grades bitrate, key frames and frames', () => {
    expect([null, 1.9e6, 2e6, 14e6, 15e6].map(gradeBitrate)).toEqual(['none', 'warn', 'ok', 'ok', 'warn']);
    expect([1899, 1901, 2000, 4100, 4101].map(gradeKey)).toEqual(['warn', 'ok', 'ok', 'ok', 'warn']);
    expect([gradeFps(30, false), gradeFps(30, true), gradeFps(12, false), gradeFps(null, false)]).toEqual(['ok', 'warn', 'warn', 'none']);
  });

  it('puts what viewers cannot see or hear first', () => {
    const h = health({ warnings: ['bitrate_low', 'no_audio', 'gop_long'] });
    expect(warningsOf(h)).toEqual(['no_audio', 'bitrate_low', 'gop_long']);
    expect(gradeAll(h)).toBe('bad');
    expect(gradeAll(health({ warnings: ['bitrate_low'] }))).toBe('warn');
    expect(gradeAll(health())).toBe('ok');
    expect(gradeAll(health({ connected: false }))).toBe('none');
  });

  it('passes over warnings that it has no words for', () => {
    expect(warningsOf(health({ warnings: ['moon_phase' as IngestWarning] }))).toEqual([]);
  });
});

describe('readings', () => {
  it('are bounded', () => {
    let kept: Sample[] = [];
    for (let i = 0; i < mostSamples + 20; i += 1) kept = remember(kept, health(), health({ bitrate_bps: i }));
    expect(kept).toHaveLength(mostSamples);
    expect(kept.at(-1)?.bitrate).toBe(mostSamples + 19);
  });

  it('begin anew with a new connection', () => {
    const kept = remember([], null, health());
    expect(remember(kept, health(), health({ since: 2 }))).toHaveLength(1);
  });

  it('stand still while nothing comes', () => {
    const kept = remember([], null, health());
    expect(remember(kept, health(), health({ connected: false }))).toEqual(kept);
  });
});

describe('what is drawn', () => {
  it('keeps the rule in sight', () => {
    expect(topOf([], [2e6, 14e6])).toBe(3.2e6);
    expect(topOf([8e6, null], [2e6, 14e6])).toBe(1e7);
    expect(topOf([null], null)).toBe(1);
  });

  it('names codecs as people know them', () => {
    expect(['avc1.640028', 'hvc1.1', 'mp4a.40.2', 'opus', null].map(codecName)).toEqual(['H.264', 'H.265', 'AAC', 'opus', null]);
  });
});
