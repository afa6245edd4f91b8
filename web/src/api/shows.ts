import { call } from './http.ts';
import type { Message, Page, Show, ShowState } from './types.ts';

export interface ListQuery {
  state: ShowState[];
  limit?: number;
  cursor?: string;
}

export function listShows({ state, limit, cursor }: ListQuery, signal?: AbortSignal): Promise<Page<Show>> {
  const q = new URLSearchParams({ state: state.join(',') });
  if (limit) q.set('limit', String(limit));
  if (cursor) q.set('cursor', cursor);
  return call<Page<Show>>('GET', `/shows?${q}`, signal ? { signal } : {});
}

export const getShow = (id: string, signal?: AbortSignal): Promise<Show> =>
  call<Show>('GET', `/shows/${id}`, signal ? { signal } : {});

export function listMessages(show: string, limit: number, cursor?: string): Promise<Page<Message>> {
  const q = new URLSearchParams({ limit: String(limit) });
  if (cursor) q.set('cursor', cursor);
  return call<Page<Message>>('GET', `/shows/${show}/messages?${q}`);
}

export const sendMessage = (show: string, text: string, lang: string): Promise<Message> =>
  call<Message>('POST', `/shows/${show}/messages`, { body: { text, lang } });

export const sendLikes = (show: string, n: number): Promise<void> =>
  call<void>('POST', `/shows/${show}/likes`, { body: { n }, keepalive: true });

export const beat = (show: string, delayMs: number | null): Promise<void> =>
  call<void>('POST', `/shows/${show}/heartbeat`, { body: delayMs === null ? {} : { delay_ms: delayMs } });
