import { listMessages } from '../api/shows.ts';
import type { Message } from '../api/types.ts';
import { mostLines } from './log.ts';

const pageSize = 200;
const mostPages = 10;

/** Everything that was said in a show that is over, oldest first; the latest 2000 lines at most. */
export async function fetchAll(show: string): Promise<Message[]> {
  const all: Message[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < mostPages; i += 1) {
    const page = await listMessages(show, pageSize, cursor);
    all.push(...page.items.filter((m) => m.state === 'shown'));
    if (!page.next) break;
    cursor = page.next;
  }
  return all.toReversed();
}

/** What had been said by `at`: as many lines as a room shows. `all` is in order of time. */
export function upTo(all: Message[], at: number): Message[] {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((all[mid]?.at ?? 0) <= at) low = mid + 1;
    else high = mid;
  }
  return all.slice(Math.max(0, low - mostLines), low);
}
