import { call } from '../api/http.ts';
import type { ChatSettings, Ingest, IngestHealth, Message, Page, Show } from '../api/types.ts';
import type { ChatChange, Cover, SanctionKind, SanctionRow, ShowFields } from './types.ts';

export function listOwnShows(cursor?: string): Promise<Page<Show>> {
  const q = new URLSearchParams({ scope: 'staff', limit: '100' });
  if (cursor) q.set('cursor', cursor);
  return call<Page<Show>>('GET', `/shows?${q}`);
}

export const createShow = (body: ShowFields): Promise<Show> => call<Show>('POST', '/shows', { body });

export const patchShow = (id: string, version: number, body: ShowFields): Promise<Show> =>
  call<Show>('PATCH', `/shows/${id}`, { body, version });

export type Move = 'go-live' | 'end' | 'cancel' | 'archive';

export const moveShow = (id: string, move: Move): Promise<Show> => call<Show>('POST', `/shows/${id}/${move}`, { body: {} });

export const getIngest = (id: string): Promise<Ingest> => call<Ingest>('GET', `/shows/${id}/ingest`);

export const rotateIngest = (id: string): Promise<Ingest> => call<Ingest>('POST', `/shows/${id}/ingest/rotate`, { body: {} });

export const getHealth = (id: string): Promise<IngestHealth> => call<IngestHealth>('GET', `/shows/${id}/ingest/health`);

export const setMessage = (id: string, state: 'hidden' | 'shown'): Promise<Message> =>
  call<Message>('PATCH', `/messages/${id}`, { body: { state } });

export const pinText = (show: string, text: string | null): Promise<void> =>
  call<void>('PUT', `/shows/${show}/pinned-message`, { body: { text } });

export const sanction = (show: string, message: string, kind: SanctionKind, minutes: number | null): Promise<SanctionRow> =>
  call<SanctionRow>('POST', `/shows/${show}/sanctions`, { body: { message, kind, ...(minutes ? { minutes } : {}) } });

export const listSanctions = (show: string): Promise<{ items: SanctionRow[] }> =>
  call<{ items: SanctionRow[] }>('GET', `/shows/${show}/sanctions`);

export const endSanction = (id: string): Promise<void> => call<void>('DELETE', `/sanctions/${id}`);

export const setChat = (show: string, change: ChatChange): Promise<ChatSettings> =>
  call<ChatSettings>('PATCH', `/shows/${show}/chat`, { body: change });

export const getWords = (show: string): Promise<{ words: string[] }> =>
  call<{ words: string[] }>('GET', `/shows/${show}/blocked-words`);

export const putWords = (show: string, words: string[]): Promise<{ words: string[] }> =>
  call<{ words: string[] }>('PUT', `/shows/${show}/blocked-words`, { body: { words } });

export const listCovers = (): Promise<{ items: Cover[] }> => call<{ items: Cover[] }>('GET', '/covers');
