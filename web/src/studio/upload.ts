import { asProblem, call, Problem } from '../api/http.ts';

/** A picture that was sent up, as the server keeps it. */
export interface StoredFile {
  id: string;
  state: 'waiting' | 'ready' | 'refused';
  why: string | null;
  url: string | null;
  sizes: Record<'160' | '480' | '1080', string> | null;
}

interface Ticket {
  upload: { method: string; url: string; headers: Record<string, string> };
  file: StoredFile;
}

export const mostBytes = 15 * 1024 * 1024;
export const pictureTypes = 'image/jpeg,image/png,image/webp,image/heic,image/heif,image/avif';

/** The bytes themselves: XMLHttpRequest, because fetch does not tell how far it is. */
function put(ticket: Ticket, body: Blob, progress: (part: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(ticket.upload.method, ticket.upload.url);
    for (const [k, v] of Object.entries(ticket.upload.headers)) xhr.setRequestHeader(k, v);
    xhr.upload.addEventListener('progress', (e) => progress(e.total > 0 ? e.loaded / e.total : 0));
    xhr.addEventListener('load', () => (xhr.status >= 200 && xhr.status < 300 ? resolve() : reject(new Problem(xhr.status, { code: 'upstream' }))));
    xhr.addEventListener('error', () => reject(new Problem(0, { code: 'offline' })));
    xhr.send(body);
  });
}

/**
 * Sends a picture straight to where it is kept and waits until it is made into sizes. `progress`
 * is told parts of 1. Throws a Problem.
 */
export async function upload(file: File, purpose: 'product' | 'cover', shop: string | null, progress: (part: number) => void): Promise<StoredFile> {
  if (file.size > mostBytes) throw new Problem(413, { code: 'too_large' });
  try {
    const body = { purpose, mime: file.type, bytes: file.size, ...(shop ? { shop } : {}) };
    const ticket = await call<Ticket>('POST', '/uploads', { body });
    await put(ticket, file, progress);
    progress(1);
    return await call<StoredFile>('POST', `/uploads/${ticket.file.id}/done`, { body: {} });
  } catch (e) {
    throw asProblem(e);
  }
}
