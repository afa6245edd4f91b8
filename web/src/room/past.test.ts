import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Message } from '../api/types.ts';
import { fetchAll, upTo } from './past.ts';

const said = (at: number, state: Message['state'] = 'shown'): Message => ({
  id: `msg_${at}`, name: 'a', badge: null, text: 't', lang: 'th', kind: 'chat', at, seq: at, state,
});

describe('chat of a replay', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is what had been said by the moment shown', () => {
    const all = [10, 20, 20, 30].map((at) => said(at));
    const ats = (at: number): number[] => upTo(all, at).map((m) => m.at);
    expect([ats(9), ats(10), ats(25), ats(99)]).toEqual([[], [10], [10, 20, 20], [10, 20, 20, 30]]);
  });

  it('shows no more lines than a room does', () => {
    const all = Array.from({ length: 500 }, (_, i) => said(i));
    const shown = upTo(all, 450);
    expect([shown.length, shown[0]?.at, shown.at(-1)?.at]).toEqual([200, 251, 450]);
  });

  it('reads page after page, oldest first, without what was hidden', async () => {
    const pages: Record<string, unknown> = {
      first: { items: [said(4), said(3, 'hidden')], next: 'c1' },
      c1: { items: [said(2), said(1)], next: null },
    };
    vi.stubGlobal('fetch', (url: string) =>
      Promise.resolve(new Response(JSON.stringify(pages[new URL(url, 'http://x').searchParams.get('cursor') ?? 'first']))));
    expect((await fetchAll('shw_1')).map((m) => m.at)).toEqual([1, 2, 4]);
  });
});
