import { useEffect, useRef, useState } from 'preact/hooks';
import type { Show } from '../api/types.ts';
import { t } from '../i18n/index.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { pick } from '../i18n/format.ts';
import { Logo } from '../ui/icon.tsx';
import { lazy } from '../ui/lazy.tsx';
import { useTitle } from '../ui/title.ts';
import { Aside } from './aside.tsx';
import { CornerBar, useCorner } from './corner.tsx';
import { RoomCtrl } from './ctrl.ts';
import { Fun } from './fun.tsx';
import { useKeyboardGap, useKeys, useSwipe } from './gestures.ts';
import { Keys, Menu } from './menu.tsx';
import { NotFound } from '../notfound/view.tsx';
import { Overlay } from './overlay.tsx';
import { Receipt } from './receipt.tsx';
import { SoundPill, Strip, TopBar, Trouble } from './bars.tsx';
import { Hearts, Talk } from './talk.tsx';
import '../shop/style.css';
import './style.css';
import './sale.css';
import './wide.css';
import './corner.css';

interface RoomProps {
  id: string;
  /** The visit goes on while another page is read: only the picture is left, in a corner. */
  corner?: boolean;
  /** Gives the show as far as it is known already; asked once. */
  known: (id: string) => Show | null;
}

/** The live room at `/s/{id}`, and its picture beside the pages of buying: one visit, one video element. */
export function Room({ id, corner = false, known }: RoomProps) {
  const [ctrl] = useState(() => new RoomCtrl(id, known(id)));
  useEffect(() => {
    ctrl.open();
    return () => ctrl.close();
  }, [ctrl]);
  return <RoomView ctrl={ctrl} corner={corner} />;
}

const quiet = { wait: () => null, fail: (retry: () => void) => <ErrorBox cause="code" retry={retry} /> };
const ReplayBar = lazy(() => import('./replay.tsx').then((m) => m.ReplayBar), quiet);
const Tray = lazy(() => import('./tray.tsx').then((m) => m.TraySheet), quiet);
const Product = lazy(() => import('./product-sheet.tsx').then((m) => m.ProductSheet), quiet);

const SignIn = lazy(async () => {
  const [sheet] = await Promise.all([import('./login-sheet.tsx'), import('../people/strings.ts').then((m) => m.peopleReady())]);
  return sheet.SignInSheet;
}, quiet);

function Screen({ ctrl }: { ctrl: RoomCtrl }) {
  const { player } = ctrl;
  const video = useRef<HTMLVideoElement>(null);
  const stage = ctrl.stage.value;
  const show = ctrl.show.value;
  useEffect(() => {
    if (video.current) player.attach(video.current);
  }, [player]);
  const shows = stage === 'live' || stage === 'replay';
  const bare = !shows || player.soundOnly.value || player.phase.value === 'loading' || player.phase.value === 'waiting';
  return (
    <div class="screen" data-wide={player.wide.value || undefined}>
      {show?.cover && <img class={`poster${bare ? '' : ' gone'}`} src={show.cover.url} alt="" />}
      <video ref={video} class={bare ? 'v off' : 'v'} data-testid="video" playsInline muted autoPlay tabIndex={-1}
        aria-label={t('room.video')} />
      <div class="sc-t" />
      <div class="sc-b" />
    </div>
  );
}

function Trying() {
  return (
    <div class="hush" role="status">
      <span class="lantern"><Logo size={64} /></span>
      <p class="vh">{t('room.loading')}</p>
    </div>
  );
}

function Full({ ctrl }: { ctrl: RoomCtrl }) {
  const stage = ctrl.stage.value;
  const failed = ctrl.failed.value;
  return (
    <>
      <TopBar ctrl={ctrl} />
      <div class="upper"><Strip ctrl={ctrl} /><Fun ctrl={ctrl} /><SoundPill ctrl={ctrl} /></div>
      <Trouble ctrl={ctrl} />
      {failed && stage !== 'gone' && <div class="hush"><ErrorBox cause={failed} retry={() => void ctrl.fetchShow()} /></div>}
      {stage === 'wait' && !failed && <Trying />}
      <Overlay ctrl={ctrl} />
      <Hearts ctrl={ctrl} />
      {stage === 'replay' && <ReplayBar ctrl={ctrl} />}
      <Receipt ctrl={ctrl} />
    </>
  );
}

function Panels({ ctrl }: { ctrl: RoomCtrl }) {
  const goods = ctrl.sale.opened.value;
  if (goods) return <Product key={goods.id} l={goods} ctrl={ctrl} />;
  switch (ctrl.panel.value) {
    case 'menu':
      return <Menu ctrl={ctrl} />;
    case 'name':
      return <SignIn ctrl={ctrl} guests />;
    case 'keys':
      return <Keys ctrl={ctrl} />;
    case 'tray':
      return <Tray ctrl={ctrl} />;
    case 'login':
      return <SignIn ctrl={ctrl} guests={false} />;
    default:
      return null;
  }
}

export function RoomView({ ctrl, corner = false }: { ctrl: RoomCtrl; corner?: boolean }) {
  const root = useRef<HTMLDivElement>(null);
  useTitle(pick(ctrl.show.value?.title ?? {}).text, !corner);
  useKeyboardGap(root);
  useSwipe(root, ctrl);
  useKeys(ctrl, !corner);
  useCorner(root, ctrl, corner);
  const stage = ctrl.stage.value;
  const shop = ctrl.show.value?.shop.name ?? t('app');
  if (stage === 'gone') return corner ? null : <NotFound soon />;
  return (
    <div class={corner ? 'room mini' : 'room'} role={corner ? 'complementary' : 'main'} data-ground="room" data-stage={stage}
      data-testid={corner ? 'mini-player' : 'room'} ref={root} aria-label={corner ? t('mini.label', { name: shop }) : undefined}
      data-sheet={(!corner && (ctrl.sale.opened.value !== null || ctrl.panel.value === 'name' || ctrl.panel.value === 'login')) || undefined}
      data-bare={(!corner && ctrl.bare.value) || undefined} data-theatre={(!corner && ctrl.theatre.value) || undefined}>
      {!corner && <h1 class="vh">{shop}</h1>}
      <div class="stage">
        <Screen ctrl={ctrl} />
        {!corner && <Full ctrl={ctrl} />}
      </div>
      {!corner && <Talk ctrl={ctrl} />}
      {!corner && <Aside ctrl={ctrl} />}
      {!corner && <Panels ctrl={ctrl} />}
      {corner && <CornerBar ctrl={ctrl} />}
    </div>
  );
}
