import type { Proof } from '../api/fun.ts';

/** The three things that have to agree, each computed here. */
export interface Result {
  commit: boolean;
  entries: boolean;
  winners: boolean;
}

const utf8 = new TextEncoder();

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  const pairs = /^(?:[0-9a-f]{2})*$/i.test(hex) ? (hex.match(/../g) ?? []) : [];
  return Uint8Array.from(pairs, (p) => Number.parseInt(p, 16));
}

const hexOf = (b: ArrayBuffer): string => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, '0')).join('');

const sha256 = async (b: Uint8Array<ArrayBuffer>): Promise<string> => hexOf(await crypto.subtle.digest('SHA-256', b));

/** Entry ids by their score, lowest first; equal scores by id. */
export async function ranking(p: Proof, ids: readonly string[]): Promise<string[]> {
  const key = await crypto.subtle.importKey('raw', bytesOf(p.seed ?? ''), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const scored = await Promise.all(ids.map(async (id) => ({ id, score: hexOf(await crypto.subtle.sign('HMAC', key, utf8.encode((p.entropy ?? '') + p.giveaway + id))) })));
  const below = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return scored.toSorted((a, b) => below(a.score, b.score) || below(a.id, b.id)).map((x) => x.id);
}

/** Computes the draw again: the seed's fingerprint, the entries' fingerprint, and who the seed ranks first. */
export async function check(p: Proof, ids: readonly string[]): Promise<Result> {
  const seed = bytesOf(p.seed ?? '');
  if (seed.length === 0) return { commit: false, entries: false, winners: false };
  const [commit, entries, ranked] = await Promise.all([sha256(seed), sha256(utf8.encode(ids.map((id) => `${id}\n`).join(''))), ranking(p, ids)]);
  const said = p.winners.toSorted((a, b) => a.rank - b.rank).slice(0, p.winners_n).map((w) => w.entry);
  const first = ranked.slice(0, said.length);
  const enough = said.length === Math.min(p.winners_n, ids.length);
  return { commit: commit === p.commit, entries: entries === p.entries_hash, winners: enough && said.every((id, i) => id === first[i]) };
}
