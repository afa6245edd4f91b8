import { describe, expect, it } from 'vitest';
import { outcomeOf, swipe } from './swipe.ts';

function drag(to: [x: number, y: number][]): { acts: string[]; el: HTMLElement } {
  const el = document.createElement('li');
  const acts: string[] = [];
  const on = swipe((o) => acts.push(o)) as Record<string, (e: unknown) => void>;
  const event = (x: number, y: number): unknown => ({ currentTarget: el, touches: [{ clientX: x, clientY: y }] });
  on['onTouchStart']?.(event(200, 100));
  for (const [x, y] of to) on['onTouchMove']?.(event(x, y));
  on['onTouchEnd']?.({ currentTarget: el, touches: [] });
  return { acts, el };
}

describe('carrying a line sideways', () => {
  it('acts when it went far enough, either way', () => {
    expect(drag([[170, 102], [110, 104]]).acts).toEqual(['left']);
    expect(drag([[230, 102], [290, 104]]).acts).toEqual(['right']);
    expect([outcomeOf(-72), outcomeOf(71), outcomeOf(0)]).toEqual(['left', null, null]);
  });

  it('does nothing when it is let go early, or carried back', () => {
    const { acts, el } = drag([[150, 100], [100, 100], [190, 100]]);
    expect(acts).toEqual([]);
    expect(el.style.getPropertyValue('--dx')).toBe('0px');
  });

  it('leaves scrolling alone', () => {
    expect(drag([[195, 140], [80, 220]]).acts).toEqual([]);
  });
});
