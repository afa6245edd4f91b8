import { lazy } from '../ui/lazy.tsx';

/** The names of the legal texts at the foot of a page, once it has been drawn. */
export const Foot = lazy(async () => {
  const [view, strings] = await Promise.all([import('./links.tsx'), import('./strings.ts')]);
  await strings.legalReady();
  return view.LegalLinks;
}, { wait: () => null, fail: () => null, extra: true });
