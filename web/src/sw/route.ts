/** What of a request the worker looks at; all else goes past it untouched. */
export interface Asked {
  method: string;
  mode: string;
  url: string;
  range: boolean;
}

/**
 * `page`: a screen of the app; `asset`: a file whose name is its content; `file`: another file that
 * came with this version; `pass`: none of ours: the API, events, video, pictures of goods, anything
 * that is sent.
 */
export type Plan = 'page' | 'asset' | 'file' | 'pass';

/** Answers of the server's own that a person may open in the address bar. */
const serverOnly = /^\/(?:api|files|media)\/|^\/(?:healthz|readyz|metrics)$|\.[a-z0-9]{2,12}$/i;

export const isAsset = (path: string): boolean => /^\/assets\/[\w.-]+$/.test(path);

export function planOf(a: Asked, origin: string, files: ReadonlySet<string>): Plan {
  if (a.method !== 'GET' || a.range) return 'pass';
  const url = new URL(a.url);
  if (url.origin !== origin) return 'pass';
  if (a.mode === 'navigate') return serverOnly.test(url.pathname) ? 'pass' : 'page';
  if (isAsset(url.pathname)) return 'asset';
  return files.has(url.pathname) && !url.search ? 'file' : 'pass';
}
