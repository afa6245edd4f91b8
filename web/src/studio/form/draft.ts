import type { Show } from '../../api/types.ts';
import type { ShowFields } from '../types.ts';

/** The form's fields as text, which is what a form holds. No cover is ''. */
export interface Draft {
  zh: string;
  th: string;
  en: string;
  starts: string;
  cover: string;
  host: string;
}

export type Field = keyof Draft;
export const fields: readonly Field[] = ['zh', 'th', 'en', 'cover', 'starts', 'host'];

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

export const blank = (host: string, cover: string): Draft => ({ zh: '', th: '', en: '', starts: '', cover, host });

export const draftOf = (s: Show): Draft => ({
  zh: s.title['zh-TW'] ?? '', th: s.title.th ?? '', en: s.title.en ?? '',
  starts: toField(s.starts_at), cover: s.cover?.id ?? '', host: s.host_name,
});

const sameTitle = (a: Draft, b: Draft): boolean => a.zh === b.zh && a.th === b.th && a.en === b.en;

function titleOf(d: Draft): NonNullable<ShowFields['title']> {
  const out: NonNullable<ShowFields['title']> = {};
  if (d.zh.trim()) out['zh-TW'] = d.zh.trim();
  if (d.th.trim()) out.th = d.th.trim();
  if (d.en.trim()) out.en = d.en.trim();
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
  if (!d.zh.trim() && !d.th.trim() && !d.en.trim()) out.zh = 'titleEmpty';
  for (const f of ['zh', 'th', 'en'] as const) if (chars(d[f]) > longestTitle) out[f] = 'titleLong';
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
