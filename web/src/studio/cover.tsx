import { useState } from 'preact/hooks';
import type { Show } from '../api/types.ts';
import { Logo } from '../ui/icon.tsx';

/** A still of the recording, else the cover, else the lantern; a picture that does not load counts as none. */
export function Cover({ show, big = false }: { show: Show; big?: boolean }) {
  const [failed, setFailed] = useState<readonly string[]>([]);
  const src = [show.thumbnail, show.cover?.url].find((u) => u && !failed.includes(u));
  const look = big ? 'cover big' : 'cover';
  if (!src) return <span class={`${look} none`}><Logo size={big ? 48 : 24} /></span>;
  return <img class={look} src={src} alt="" loading="lazy" onError={() => setFailed([...failed, src])} />;
}
