/** A signal that follows whichever of these aborts first. Safari has `AbortSignal.any` only since 17.4. */
export function firstOf(...signals: AbortSignal[]): AbortSignal {
  const all = new AbortController();
  for (const s of signals) {
    if (s.aborted) all.abort(s.reason);
    else s.addEventListener('abort', () => all.abort(s.reason), { once: true, signal: all.signal });
  }
  return all.signal;
}
