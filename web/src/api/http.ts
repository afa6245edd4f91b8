import { signal } from '@preact/signals';
import { firstOf } from './abort.ts';
import type { Session } from './types.ts';

/** Who is here. Null until the boot data or `loadSession` says. */
export const session = signal<Session | null>(null);

/** Codes that the server names, and two that only a browser can see. */
export type ProblemCode =
  | 'input' | 'need_login' | 'bad_login' | 'forbidden' | 'csrf' | 'muted' | 'not_found' | 'method_not_allowed'
  | 'conflict' | 'invalid_transition' | 'precondition_failed' | 'too_large' | 'unsupported_media_type'
  | 'need_proof' | 'bad_code' | 'slow_down' | 'upstream' | 'timeout' | 'busy' | 'internal' | 'exists'
  | 'pay_down' | 'closed' | 'sold_out' | 'limit' | 'need_option' | 'rule' | 'market' | 'price_changed' | 'return_refused'
  | 'offline' | 'bad_answer';

interface ProblemDocument {
  code?: string;
  title?: string;
  detail?: string;
  /** Names of what was refused, or names with a word on each. */
  fields?: Record<string, string> | string[];
  retry_ms?: number;
  until?: number | null;
}

/** An answer that is not what was asked for: a problem document, or no answer at all. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly fields: Record<string, string>;
  readonly retryMs: number | null;
  readonly until: number | null;
  /** Everything the document says, for what only one kind of problem has. */
  readonly doc: Readonly<Record<string, unknown>>;

  constructor(status: number, doc: ProblemDocument) {
    super(doc.detail ?? doc.title ?? doc.code ?? `status ${status}`);
    this.name = 'Problem';
    this.status = status;
    this.code = (doc.code as ProblemCode | undefined) ?? 'bad_answer';
    this.fields = Array.isArray(doc.fields) ? Object.fromEntries(doc.fields.map((f) => [f, doc.detail ?? ''])) : (doc.fields ?? {});
    this.doc = { ...doc };
    this.retryMs = doc.retry_ms ?? null;
    this.until = doc.until ?? null;
  }
}

export const asProblem = (e: unknown): Problem =>
  e instanceof Problem ? e : new Problem(0, { code: 'bad_answer', detail: String(e) });

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions {
  body?: unknown;
  /** Version of the thing as last read, sent as `If-Match`. */
  version?: number;
  /** Makes asking twice harmless: the second answer is the first one's. */
  idem?: string;
  signal?: AbortSignal;
  /** Lets the request outlive the page, for what is sent while leaving. */
  keepalive?: boolean;
}

const base = '/api/v1';

/** A fresh key for one act of the buyer: kept while that act is tried again. */
export function actKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
}

const timeoutMs = 15_000;

async function readBody(res: Response): Promise<unknown> {
  if (res.status === 204) return undefined;
  const text = await res.text();
  if (!text) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function requestOf(method: Method, opts: CallOptions): RequestInit {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (opts.body !== undefined) headers['Content-Type'] = 'application/json';
  if (opts.version !== undefined) headers['If-Match'] = `"${opts.version}"`;
  if (opts.idem) headers['Idempotency-Key'] = opts.idem;
  if (method !== 'GET' && session.value) headers['X-CSRF-Token'] = session.value.csrf;
  const limit = AbortSignal.timeout(timeoutMs);
  return {
    method,
    headers,
    credentials: 'same-origin',
    cache: 'no-store',
    signal: opts.signal ? firstOf(opts.signal, limit) : limit,
    ...(opts.body === undefined ? {} : { body: JSON.stringify(opts.body) }),
    ...(opts.keepalive ? { keepalive: true } : {}),
  };
}

/** The server has made a guest of a nameless buyer: from now on that is who we are. */
function takeToken(csrf: string | null): void {
  if (!csrf || !session.value || csrf === session.value.csrf) return;
  session.value = { ...session.value, csrf };
  loadSession().catch(() => undefined);
}

async function once<T>(method: Method, path: string, opts: CallOptions): Promise<T> {
  let res: Response;
  try {
    res = await fetch(base + path, requestOf(method, opts));
  } catch (e) {
    if (opts.signal?.aborted) throw e;
    const slow = e instanceof DOMException && e.name === 'TimeoutError';
    throw new Problem(0, { code: slow ? 'timeout' : 'offline' });
  }
  const body = await readBody(res);
  takeToken(res.headers.get('X-CSRF-Token'));
  if (!res.ok) throw new Problem(res.status, (body as ProblemDocument | undefined) ?? {});
  return body as T;
}

/**
 * One call of the API. Throws a `Problem`, nothing else (but the abort of the caller's own signal).
 * A stale CSRF token, as after signing in on another tab, is renewed once.
 */
export async function call<T>(method: Method, path: string, opts: CallOptions = {}): Promise<T> {
  if (method !== 'GET' && !session.value) await loadSession();
  try {
    return await once<T>(method, path, opts);
  } catch (e) {
    // Signed out meanwhile, on another device or by a change of role: the page is to know.
    if (e instanceof Problem && e.code === 'need_login' && session.value?.kind === 'account') loadSession().catch(() => undefined);
    if (!(e instanceof Problem) || e.code !== 'csrf') throw e;
    await loadSession();
    return once<T>(method, path, opts);
  }
}

let loading: Promise<Session> | null = null;

/** Reads who we are again. Calls at the same time share one request. */
export function loadSession(): Promise<Session> {
  loading ??= once<Session>('GET', '/sessions/current', {})
    .then((s) => {
      session.value = s;
      return s;
    })
    .finally(() => {
      loading = null;
    });
  return loading;
}
