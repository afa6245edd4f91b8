import type HlsClass from 'hls.js';

export type HlsModule = typeof HlsClass;
export type Build = 'light' | 'full';

const loads: Partial<Record<Build, Promise<HlsModule>>> = {};

/**
 * Streams that keep sound and picture apart need the full build; our own packager's do not, and the
 * light one is a third smaller. Cloudflare's are known by their host; any other is found out on play.
 */
export function buildFor(url: string): Build {
  const { hostname } = new URL(url, location.href);
  return /(?:^|\.)(?:cloudflarestream\.com|videodelivery\.net)$/.test(hostname) ? 'full' : 'light';
}

/** Fetches the library; called early, in parallel with everything else. Tries again after a failure. */
export function loadHls(build: Build): Promise<HlsModule> {
  loads[build] ??= (
    build === 'full'
      ? import('hls.js').then((m) => m.default)
      : import('hls.js/light').then((m) => m.default as HlsModule)
  ).catch((e: unknown) => {
    delete loads[build];
    throw e;
  });
  return loads[build];
}

/** Native HLS is for where there is no Media Source, which means iPhones. */
export function playsNatively(video: HTMLVideoElement): boolean {
  const noSource = typeof MediaSource === 'undefined';
  return noSource && video.canPlayType('application/vnd.apple.mpegurl') !== '';
}
