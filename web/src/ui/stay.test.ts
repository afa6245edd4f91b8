import { afterEach, describe, expect, it, vi } from 'vitest';
import { go } from './route.ts';
import { inCorner, keepVisit, leaveCorner, visited } from './stay.ts';

afterEach(() => go('/'));

describe('a visit to a room', () => {
  it('goes on beside the pages of buying and ends elsewhere', () => {
    const seen: [string | null, boolean][] = [];
    for (const to of ['/s/shw_1', '/cart?shop=a', '/checkout?shop=a', '/o/T261122-0001?s=x', '/p/prd_1', '/s/shw_1', '/studio', '/cart']) {
      go(to);
      seen.push([visited.value, inCorner.value]);
    }
    expect(seen).toEqual([
      ['shw_1', false], ['shw_1', true], ['shw_1', true], ['shw_1', true], ['shw_1', true], ['shw_1', false], [null, false], [null, false],
    ]);
  });

  it('ends when the corner is closed, and another room takes its place', () => {
    go('/s/shw_1');
    go('/cart');
    leaveCorner();
    expect(visited.value).toBeNull();
    go('/s/shw_2');
    expect([visited.value, inCorner.value]).toEqual(['shw_2', false]);
  });

  it('is found again after a way out of the site and back, once', async () => {
    go('/s/shw_9');
    keepVisit();
    go('/pay/T261122-0001');
    vi.resetModules();
    const back = await import('./stay.ts');
    expect([back.visited.value, back.inCorner.value, back.inBar.value]).toEqual(['shw_9', true, true]);
    vi.resetModules();
    expect((await import('./stay.ts')).visited.value).toBeNull();
  });
});
