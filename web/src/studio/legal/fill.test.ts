import { describe, expect, it } from 'vitest';
import { hoursLeft } from '../privacy/breaches.tsx';
import { fillMarks } from './fill.ts';

describe('a legal text being written', () => {
  it('is shown with what its marks stand for; one that is not set stays to be seen', () => {
    const marks = [{ mark: 'shop', value: '小舖' }, { mark: 'contact', value: null }];
    expect(fillMarks('{shop} {contact} {other} {SHOP} { shop }', marks)).toBe('小舖 {contact} {other} {SHOP} { shop }');
  });
});

describe('the clock of a breach', () => {
  it('counts 72 hours from when it was known', () => {
    const h = 3_600_000;
    expect([hoursLeft(0, 0), hoursLeft(0, 71.5 * h), hoursLeft(0, 73 * h)]).toEqual([72, 0, -1]);
  });
});
