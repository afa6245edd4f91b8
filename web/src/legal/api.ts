import { call } from '../api/http.ts';
import type { Lang } from '../i18n/area.ts';

export type Doc = 'terms' | 'privacy' | 'returns' | 'imprint';
export const docs: readonly Doc[] = ['terms', 'privacy', 'returns', 'imprint'];

export interface LegalText {
  doc: Doc;
  shop: { slug: string; name: string };
  version: string;
  lang: Lang;
  langs: Lang[];
  title: string;
  body_md: string;
  /** When it was published; null: the template that came with this software. */
  at: number | null;
  /** False: the shop has not written its own. */
  own: boolean;
  versions: { version: string; at: number | null }[];
}

/** One version of a text in the nearest language; without a version the one that counts now. */
export function getLegal(doc: Doc, of: { lang: string; shop: string | null; version: string | null }): Promise<LegalText> {
  const q = new URLSearchParams({ lang: of.lang });
  if (of.shop) q.set('shop', of.shop);
  if (of.version) q.set('version', of.version);
  return call<LegalText>('GET', `/legal/${doc}?${q}`);
}
