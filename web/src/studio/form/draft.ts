import type { Show } from '../../api/types.ts';
import type { Lang } from '../../i18n/area.ts';
import type { Localized } from '../../i18n/format.ts';
import type { ShowFields } from '../types.ts';

/** The form's fields as text, which is what a form holds. No cover is ''. */
export interface Draft {
  zh: string;
  th: string;
  en: string;
  cn: string;
  ja: string;
  starts: string;
  cover: string;
  host: string;
}

export type Field = keyof Draft;
export type TitleField = 'zh' | 'th' | 'en' | 'cn' | 'ja';
/** The title of each language. The market's own come first; those after the third may stay folded away. */
export const titleLangs: readonly [TitleField, Lang][] = [['zh', 'zh-TW'], ['th', 'th'], ['en', 'en'], ['cn', 'zh-CN'], ['ja', 'ja']];
export const fields: readonly Field[] = [...titleLangs.map(([f]) => f), 'cover', 'starts', 'host'];

export const longestTitle = 80;
export const longestHost = 40;

const two = (n: number): string => String(n).padStart(2, '0');

/** A time as a `datetime-local` field wants it, in the reader's own zone. */
export function toField(ms: number | null): string {
  if (ms === null) return '';
  const d = new Date(ms);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

export function fromField(s: string): number | null {
  const ms = s === '' ? NaN : new Date(s).getTime();
  return Number.isNaN(ms) ? null : ms;
}

export const blank = (host: string, cover: string): Draft => ({ zh: '', th: '', en: '', cn: '', ja: '', starts: '', cover, host });

export const draftOf = (s: Show): Draft => ({
  zh: s.title['zh-TW'] ?? '', th: s.title.th ?? '', en: s.title.en ?? '', cn: s.title['zh-CN'] ?? '', ja: s.title.ja ?? '',
  starts: toField(s.starts_at), cover: s.cover?.id ?? '', host: s.host_name,
});

const sameTitle = (a: Draft, b: Draft): boolean => titleLangs.every(([f]) => a[f] === b[f]);

/** What the fields of the title say, by language; empty ones are left out. */
export function titleOf(d: Draft): Localized {
  const out: Localized = {};
  for (const [f, l] of titleLangs) if (d[f].trim()) out[l] = d[f].trim();
  return out;
}

/** What to send: everything that is not as it was. */
export function changes(base: Draft | null, d: Draft): ShowFields {
  const out: ShowFields = {};
  if (!base || !sameTitle(base, d)) out.title = titleOf(d);
  if (base ? base.starts !== d.starts : d.starts !== '') out.starts_at = fromField(d.starts);
  if (base ? base.cover !== d.cover : d.cover !== '') out.cover = d.cover || null;
  if (base ? base.host !== d.host : d.host.trim() !== '') out.host_name = d.host.trim();
  return out;
}

export type Fault = 'titleEmpty' | 'titleLong' | 'past' | 'badTime' | 'hostLong';
export type Faults = Partial<Record<Field, Fault>>;

const chars = (s: string): number => [...s.trim()].length;

/** What is wrong with it, by field. A start that was there before may lie behind us. */
export function faultsOf(base: Draft | null, d: Draft, now: number): Faults {
  const out: Faults = {};
  if (titleLangs.every(([f]) => !d[f].trim())) out.zh = 'titleEmpty';
  for (const [f] of titleLangs) if (chars(d[f]) > longestTitle) out[f] = 'titleLong';
  if (chars(d.host) > longestHost) out.host = 'hostLong';
  const at = fromField(d.starts);
  if (d.starts !== '' && at === null) out.starts = 'badTime';
  else if (at !== null && at < now && d.starts !== base?.starts) out.starts = 'past';
  return out;
}

export interface Clash {
  field: Field;
  mine: string;
  theirs: string;
}

/**
 * Ours and someone else's changes put together. Where only one side changed, that side counts;
 * where both did, differently, it is a clash that a person must settle. `merged` keeps ours there.
 */
export function merge(base: Draft, mine: Draft, theirs: Draft): { merged: Draft; clashes: Clash[]; taken: Field[] } {
  const merged = { ...mine };
  const clashes: Clash[] = [];
  const taken: Field[] = [];
  for (const f of fields) {
    if (theirs[f] === base[f] || theirs[f] === mine[f]) continue;
    if (mine[f] === base[f]) {
      merged[f] = theirs[f];
      taken.push(f);
    } else clashes.push({ field: f, mine: mine[f], theirs: theirs[f] });
  }
  return { merged, clashes, taken };
}
