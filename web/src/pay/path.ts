/** Where an order is paid; `way`: and begins at once with that. */
export function payPath(no: string, secret: string | null, way?: string): string {
  const q = new URLSearchParams();
  if (secret) q.set('s', secret);
  if (way) q.set('go', way);
  const s = q.toString();
  return `/pay/${no}${s && `?${s}`}`;
}

export const orderPath = (no: string, secret: string | null): string => `/o/${no}${secret ? `?s=${encodeURIComponent(secret)}` : ''}`;
