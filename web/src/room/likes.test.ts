import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Likes, mostHearts } from './likes.ts';

const send = vi.fn<(n: number) => Promise<void>>(() => Promise.resolve());

beforeEach(() => {
  vi.useFakeTimers();
  send.mockClear();
});
afterEach(() => vi.useRealTimers());

describe('likes', () => {
  it('gathers taps into one post', () => {
    const likes = new Likes(send);
    for (let i = 0; i < 7; i += 1) likes.tap();
    expect(send).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1200);
    expect(send.mock.calls).toEqual([[7]]);
  });

  it('never sends more than the API takes', () => {
    const likes = new Likes(send);
    for (let i = 0; i < 50; i += 1) likes.tap();
    likes.flush();
    expect(send.mock.calls).toEqual([[20]]);
  });

  it('lets six hearts fly at most, and lets them land', () => {
    const likes = new Likes(send);
    for (let i = 0; i < 20; i += 1) likes.tap();
    likes.burst(50, 900);
    expect(likes.hearts.value).toHaveLength(mostHearts);
    vi.advanceTimersByTime(2000);
    expect(likes.hearts.value).toHaveLength(0);
  });

  it('never counts backwards', () => {
    const likes = new Likes(send);
    likes.burst(1, 100);
    likes.burst(1, 90);
    expect(likes.total.value).toBe(100);
  });
});
