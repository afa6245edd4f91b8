import { signal } from '@preact/signals';

/** Where we are, without the query. Screens read it; only `go` and the browser change it. */
export const path = signal(location.pathname);

const scrolled = new Map<string, number>();

/** How many of our own pages lie behind this one. */
const depth = (): number => (history.state as { n?: number } | null)?.n ?? 0;

/** To the page before, or to `fallback` for who came in here from outside. */
export function goBack(fallback: string): void {
  if (depth() > 0) history.back();
  else go(fallback, { replace: true });
}

/** Moves to another of our own pages without a load. */
export function go(to: string, opts: { replace?: boolean } = {}): void {
  scrolled.set(path.value, scrollY);
  if (opts.replace) history.replaceState({ n: depth() }, '', to);
  else history.pushState({ n: depth() + 1 }, '', to);
  path.value = location.pathname;
  scrollTo(0, 0);
}

/** Where a page had been scrolled to when it was left; screens restore it once they have drawn. */
export const scrollOf = (p: string): number => scrolled.get(p) ?? 0;

/** A path inside this site, or the fallback: `next` comes from an address that anyone can write. */
export function safeNext(next: string | null, fallback: string): string {
  if (!next?.startsWith('/') || next.startsWith('//') || next.includes('\\')) return fallback;
  const url = new URL(next, location.origin);
  // `/.//x` becomes the path `//x`, which as a link is another site.
  if (url.origin !== location.origin || url.pathname.startsWith('//')) return fallback;
  return url.pathname + url.search;
}

function ours(a: HTMLAnchorElement, e: MouseEvent): boolean {
  const plain = e.button === 0 && !e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey;
  const here = a.origin === location.origin && !a.pathname.startsWith('/api/');
  return plain && here && !a.target && !a.hasAttribute('download') && !a.hash;
}

/** Makes plain links to our own pages move without a load. Called once. */
export function watchLinks(): void {
  history.scrollRestoration = 'manual';
  addEventListener('popstate', () => {
    scrolled.set(path.value, scrollY);
    path.value = location.pathname;
  });
  document.addEventListener('click', (e) => {
    const a = (e.target as Element | null)?.closest?.('a[href]');
    if (e.defaultPrevented || !(a instanceof HTMLAnchorElement) || !ours(a, e)) return;
    e.preventDefault();
    go(a.pathname + a.search);
  });
}
