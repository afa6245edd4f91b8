import { describe, expect, it } from 'vitest';
import { steer, targetOf } from './rate.ts';

const at = (late: number, rate = 1, buffered = 1) => steer({ latency: 1 + late, target: 1, buffered, rate });

describe('rate control', () => {
  it('leaves a small delay alone', () => {
    expect(at(0.25)).toEqual({ rate: 1 });
    expect(at(-0.25)).toEqual({ rate: 1 });
  });

  it('plays a little faster until it has caught up, not only until it is nearly there', () => {
    expect(at(0.35)).toEqual({ rate: 1.05 });
    expect(at(0.1, 1.05)).toEqual({ rate: 1.05 });
    expect(at(0.04, 1.05)).toEqual({ rate: 1 });
  });

  it('does not hurry into an empty buffer', () => {
    expect(at(0.5, 1, 0.1)).toEqual({ rate: 1 });
    expect(at(0.2, 1.05, 0.05)).toEqual({ rate: 1 });
  });

  it('lets the edge come closer again when it is too near', () => {
    expect(at(-0.4)).toEqual({ rate: 0.97 });
    expect(at(-0.1, 0.97)).toEqual({ rate: 0.97 });
    expect(at(0, 0.97)).toEqual({ rate: 1 });
  });

  it('jumps when it is far behind', () => {
    expect(at(4.1)).toEqual({ seek: true });
  });

  it('settles a late joiner within a minute', () => {
    let latency = 2.2;
    let rate = 1;
    for (let s = 0; s < 60; s += 0.5) {
      const act = steer({ latency, target: 1, buffered: 1, rate });
      if ('seek' in act) throw new Error('no jump was due');
      rate = act.rate;
      latency -= (rate - 1) * 0.5;
    }
    expect(latency).toBeCloseTo(1.05, 1);
    expect(rate).toBe(1);
  });
});

describe('target', () => {
  it('keeps the delay of joining within reason', () => {
    expect(targetOf(1.1, 1)).toBe(1.1);
    expect(targetOf(3, 1)).toBe(1.35);
    expect(targetOf(0.4, 1)).toBe(1);
  });
});
