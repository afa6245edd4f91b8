// What somebody was about to say when they left to sign in, so that it is said when they are back.
// The room has this at once; everything else of signing in comes later.
const key = 'nm-back';
const longestMs = 15 * 60_000;

interface Kept {
  show: string;
  text: string;
  at: number;
}

/** Before leaving to sign in. The text itself is the room's draft; here is only that it is to be sent. */
export function keepBack(show: string, text: string, now = Date.now()): void {
  try {
    sessionStorage.setItem(key, JSON.stringify({ show, text, at: now } satisfies Kept));
  } catch {
    // blocked: the draft is lost on the way, and is typed again
  }
}

export function dropBack(): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // blocked: nothing was kept
  }
}

/** Whether this room was left to sign in, once; what was to be said there, or ''. Long ago counts as never. */
export function takeBack(show: string, now = Date.now()): { text: string } | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Partial<Kept> | null;
    if (kept?.show !== show) return null;
    sessionStorage.removeItem(key);
    const age = now - Number(kept.at);
    return age >= 0 && age < longestMs ? { text: String(kept.text ?? '') } : null;
  } catch {
    return null;
  }
}
