import { useSignalEffect } from '@preact/signals';
import type { Show } from './api/types.ts';
import { t } from './i18n/index.ts';
import { takeShow } from './boot.ts';
import { listed } from './home/ctrl.ts';
import { Home } from './home/view.tsx';
import { buildFor, loadHls } from './player/hls-load.ts';
import { ErrorBox } from './ui/error-box.tsx';
import { addIcons } from './ui/icon.tsx';
import { lazy } from './ui/lazy.tsx';
import { Offline } from './ui/offline.tsx';
import { path } from './ui/route.ts';
import { Toasts } from './ui/toast.tsx';

const blank = {
  wait: () => <div class="screen-wait" />,
  fail: (retry: () => void) => <ErrorBox cause="code" retry={retry} />,
};

const Room = lazy(() => import('./room/view.tsx').then((m) => m.Room), blank);
const SignIn = lazy(() => import('./signin/view.tsx').then((m) => m.SignIn), blank);
const NotFound = lazy(() => import('./notfound/view.tsx').then((m) => m.NotFound), blank);

// The studio brings its own strings, styles and icons; its door is a component that takes the path.
const Studio = lazy(async () => {
  const [icons, door] = await Promise.all([import('./ui/icon-paths-studio.ts'), import('./studio/view.tsx')]);
  addIcons(icons.studioPaths);
  return door.Studio;
}, blank);

/** Asks for the playlist at once: the connection to the stream's host costs more than the few bytes. */
function preload(href: string): void {
  const link = document.createElement('link');
  Object.assign(link, { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href });
  document.head.append(link);
}

/** Starts fetching what a room needs before anything is drawn: code, player library, playlist. */
export function prefetch(p: string, show: Show | null): void {
  if (!roomPath.test(p)) return;
  void Room.fetch();
  if (typeof MediaSource === 'undefined') return;
  loadHls(show?.playback ? buildFor(show.playback.hls) : 'light').catch(() => undefined);
  if (show?.playback && show.state === 'live') preload(show.playback.hls);
}

const roomPath = /^\/s\/([a-z]{3}_[0-9a-z_]{1,32})$/;

const known = (id: string): Show | null => takeShow(id) ?? listed(id);

function Screen() {
  const p = path.value;
  const room = roomPath.exec(p)?.[1];
  if (room) return <Room key={room} id={room} known={known} />;
  if (p === '/') return <Home />;
  if (p === '/signin') return <SignIn />;
  if (p === '/studio' || p.startsWith('/studio/')) return <Studio path={p} />;
  return <NotFound />;
}

export function App() {
  useSignalEffect(() => {
    const inRoom = roomPath.test(path.value);
    document.documentElement.dataset['ground'] = inRoom ? 'room' : 'paper';
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', inRoom ? '#0b0814' : '#f8f6f3');
  });
  return (
    <>
      <Offline text={t('offline')} />
      <Screen />
      <Toasts />
    </>
  );
}
