import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Proof } from '../api/fun.ts';
import { check } from './check.ts';

const seed = 'ab'.repeat(32);
const ids = ['ent_1', 'ent_2', 'ent_3', 'ent_4'];
const entropy = '夜市';

/** A draw as the server makes it, in other code. */
function drawn(): Proof {
  const key = Buffer.from(seed, 'hex');
  const score = (id: string): string => createHmac('sha256', key).update(`${entropy}giv_1${id}`).digest('hex');
  const ranked = ids.toSorted((a, b) => (score(a) < score(b) ? -1 : 1));
  return {
    giveaway: 'giv_1', seed, entropy, winners_n: 2,
    commit: createHash('sha256').update(key).digest('hex'),
    entries_hash: createHash('sha256').update(ids.map((id) => `${id}\n`).join('')).digest('hex'),
    entries: ids.map((id) => ({ id, name_masked: '王*明' })),
    winners: ranked.slice(0, 2).map((entry, i) => ({ rank: i + 1, entry })),
  };
}

describe('a draw computed again', () => {
  it('agrees in all three when nothing was touched', async () => {
    expect(await check(drawn(), ids)).toEqual({ commit: true, entries: true, winners: true });
  });

  it('sees one changed character of the entries', async () => {
    expect((await check(drawn(), ['ent_1', 'ent_2', 'ent_3', 'ent_5'])).entries).toBe(false);
  });

  it('sees another seed, other winners, and a prize that nobody got', async () => {
    const p = drawn();
    expect((await check({ ...p, seed: 'cd'.repeat(32) }, ids)).commit).toBe(false);
    const [first, second] = p.winners.map((w) => w.entry);
    expect((await check({ ...p, winners: [{ rank: 1, entry: second ?? '' }, { rank: 2, entry: first ?? '' }] }, ids)).winners).toBe(false);
    expect((await check({ ...p, winners: p.winners.slice(0, 1) }, ids)).winners).toBe(false);
    expect(await check({ ...p, seed: null }, ids)).toEqual({ commit: false, entries: false, winners: false });
  });
});
