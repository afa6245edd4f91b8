import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { count } from '../i18n/format.ts';
import { nowMs } from '../ui/clock.ts';
import { Icon, Logo } from '../ui/icon.tsx';
import { lazy } from '../ui/lazy.tsx';
import { whenText } from '../ui/when.ts';
import { Words } from '../ui/words.tsx';
import type { RoomCtrl } from './ctrl.ts';
import { share } from './menu.tsx';

const Tray = lazy(() => import('./tray.tsx').then((m) => m.TrayList), { wait: () => null, fail: () => null });
const wideScreen = typeof matchMedia === 'function' ? matchMedia('(min-width: 1000px) and (min-height: 561px)') : null;

function useWide(): boolean {
  const [wide, set] = useState(wideScreen?.matches ?? false);
  useEffect(() => {
    const look = (): void => set(wideScreen?.matches ?? false);
    wideScreen?.addEventListener('change', look);
    return () => wideScreen?.removeEventListener('change', look);
  }, []);
  return wide;
}

/** On a wide screen, what a phone has no room for: what this show is and who makes it. */
export function Aside({ ctrl }: { ctrl: RoomCtrl }) {
  const show = ctrl.show.value;
  const wide = useWide();
  if (!show) return null;
  const sells = ctrl.sale.listings.value.length > 0;
  const at = show.live_started_at ?? show.starts_at;
  return (
    <aside class="about" aria-label={t('about.title')}>
      <a class="brand" href="/"><Logo size={30} /><b>{t('app')}</b></a>
      {show.cover && !sells && <img class="cov" src={show.cover.url} alt="" />}
      <p class="name"><Words of={show.title} /></p>
      <p class="t2">{show.host_name ? `${show.shop.name} · ${show.host_name}` : show.shop.name}</p>
      <ul class="facts">
        {at !== null && <li><Icon name="clock" size={18} />{whenText(at, nowMs.value)}</li>}
        {ctrl.viewers.value.peak > 0 && <li><Icon name="users" size={18} />{t('about.peak', { n: count(ctrl.viewers.value.peak) })}</li>}
        <li><Icon name="heart" size={18} />{t('about.likes', { n: count(ctrl.likes.total.value) })}</li>
      </ul>
      {wide && sells && <div class="card goods-beside" data-ground="paper"><Tray ctrl={ctrl} /></div>}
      <div class="acts">
        <button type="button" class="btn" onClick={() => void share(ctrl)}><Icon name="share" size={18} />{t('menu.share')}</button>
        <button type="button" class="btn ghost" onClick={() => { ctrl.panel.value = 'keys'; }}><Icon name="keyboard" size={18} />{t('menu.keys')}</button>
      </div>
    </aside>
  );
}
