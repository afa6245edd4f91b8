import { listMessages } from '../api/shows.ts';
import type { Message } from '../api/types.ts';
import { mostLines } from './log.ts';

const pageSize = 100;
const mostPages = 20;
/** Pages that fill a room's log. */
export const logPages = mostLines / pageSize;

/** What was said in a show, oldest first: its latest lines, 2000 unless fewer pages will do. */
export async function fetchAll(show: string, pages = mostPages): Promise<Message[]> {
  const all: Message[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < pages; i += 1) {
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
