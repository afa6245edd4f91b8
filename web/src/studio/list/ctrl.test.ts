import { describe, expect, it } from 'vitest';
import type { Show, ShowState } from '../../api/types.ts';
import { filtered, inOrder } from './ctrl.ts';

const show = (id: string, state: ShowState, starts: number | null, created = 0): Show => ({ id, state, starts_at: starts, created_at: created }) as Show;
const ids = (all: Show[]): string => all.map((s) => s.id).join(' ');

describe('own shows', () => {
  const all = [
    show('old', 'replay_ready', 10), show('off', 'cancelled', 5), show('later', 'scheduled', 90), show('draft', 'draft', null, 3),
    show('soon', 'scheduled', 50), show('air', 'live', 40), show('older', 'replay_ready', 8), show('back', 'backstage', 60),
  ];

  it('stand in the order in which they are needed', () => {
    expect(ids(inOrder(all))).toBe('air back soon later draft old older off');
  });

  it('are sorted into what comes and what was', () => {
    expect(ids(filtered(inOrder(all), 'coming'))).toBe('air back soon later draft');
    expect(ids(filtered(inOrder(all), 'past'))).toBe('old older off');
    expect(filtered(all, 'all')).toHaveLength(all.length);
  });
});
