import { describe, expect, it } from 'vitest';
import { fullCart } from '../../gallery/shop-data.ts';
import { groupsOf } from './view.tsx';

const [first, second, gone] = fullCart.lines;

describe('lines of a cart', () => {
  it('stand together when their holds end together, the soonest first; expired ones stand apart', () => {
    if (!first || !second || !gone) throw new Error('no lines');
    const twin = { ...first, id: 'cln_9', hold_until: first.hold_until + 900 };
    expect(groupsOf([first, second, gone, twin]).map((g) => g.lines.map((l) => l.id))).toEqual([['cln_2'], ['cln_1', 'cln_9']]);
  });
});
