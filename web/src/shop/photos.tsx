import { useState } from 'preact/hooks';
import type { Media } from '../api/buy.ts';
import { Icon } from '../ui/icon.tsx';
import { saver } from '../ui/saver.ts';
import { t } from './strings.ts';

/** The photos of a product, one at a time; a tap goes on to the next. */
export function Photos({ media, fallback, name, large = false }: { media: readonly Media[]; fallback: string | null; name: string; large?: boolean }) {
  const [at, setAt] = useState(0);
  const src = media[at]?.sizes[large && !saver.value ? '1080' : '480'] ?? fallback;
  const cls = `photo${large ? ' large' : ''}`;
  if (!src) return <span class={`${cls} none`}><Icon name="bag" size={40} /></span>;
  const img = <img src={src} alt={name} decoding="async" />;
  if (media.length < 2) return <span class={cls}>{img}</span>;
  return (
    <button type="button" class={cls} aria-label={t('sheet.photoNext')} onClick={() => setAt((at + 1) % media.length)}>
      {img}<span class="pill ink"><span class="num" aria-hidden="true">{at + 1}/{media.length}</span><span class="vh">{t('sheet.photo', { n: at + 1, all: media.length })}</span></span>
    </button>
  );
}
