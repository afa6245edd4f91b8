import { describe, expect, it } from 'vitest';
import { buildFor } from './hls-load.ts';

describe('which build of the library', () => {
  it('is the full one for Cloudflare, where sound lies apart', () => {
    expect(buildFor('https://customer-x.cloudflarestream.com/uid/manifest/video.m3u8')).toBe('full');
    expect(buildFor('https://videodelivery.net/uid/manifest/video.m3u8')).toBe('full');
  });

  it('is the light one for our own, and for look-alikes', () => {
    expect(buildFor('http://127.0.0.1:8787/uid/manifest/video.m3u8')).toBe('light');
    expect(buildFor('https://notcloudflarestream.com/x')).toBe('light');
  });
});
