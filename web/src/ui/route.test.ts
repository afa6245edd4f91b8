import { describe, expect, it } from 'vitest';
import { safeNext } from './route.ts';

describe('where to go after signing in', () => {
  it('is a path of our own', () => {
    expect(safeNext('/studio/shows/shw_1?x=1', '/')).toBe('/studio/shows/shw_1?x=1');
  });

  it.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/.//evil.example/', '/x/..//evil.example', '/%2e//evil.example', 'javascript:alert(1)', '', null])('is never %s', (next) =>
    expect(safeNext(next, '/studio')).toBe('/studio'));
});
