import { useEffect, useRef, useState } from 'preact/hooks';
import type { Show } from '../api/types.ts';
import { t } from '../i18n/index.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { pick } from '../i18n/format.ts';
import { Logo } from '../ui/icon.tsx';
import { useTitle } from '../ui/title.ts';
import { Aside } from './aside.tsx';
import { RoomCtrl } from './ctrl.ts';
import { useKeyboardGap, useKeys, useSwipe } from './gestures.ts';
import { Keys, Menu } from './menu.tsx';
import { NameSheet } from './name-sheet.tsx';
import { Overlay } from './overlay.tsx';
import { ReplayBar } from './replay.tsx';
import { SoundPill, Strip, TopBar, Trouble } from './bars.tsx';
import { Hearts, Talk } from './talk.tsx';
import './style.css';
import './wide.css';

interface RoomProps {
  id: string;
  /** Gives the show as far as it is known already; asked once. */
  known: (id: string) => Show | null;
}

/** The live room at `/s/{id}`. */
export function Room({ id, known }: RoomProps) {
  const [ctrl] = useState(() => new RoomCtrl(id, known(id)));
  useEffect(() => {
    ctrl.open();
    return () => ctrl.close();
  }, [ctrl]);
  return <RoomView ctrl={ctrl} />;
}

function Screen({ ctrl }: { ctrl: RoomCtrl }) {
  const { player } = ctrl;
  const video = useRef<HTMLVideoElement>(null);
  const stage = ctrl.stage.value;
  const show = ctrl.show.value;
  useEffect(() => {
    if (video.current) player.attach(video.current);
  }, [player]);
  const shows = stage === 'live' || stage === 'replay';
  const bare = !shows || player.phase.value === 'loading' || player.phase.value === 'waiting';
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

export function RoomView({ ctrl }: { ctrl: RoomCtrl }) {
  const root = useRef<HTMLElement>(null);
  useTitle(pick(ctrl.show.value?.title ?? {}).text);
  useKeyboardGap(root);
  useSwipe(root, ctrl);
  useKeys(ctrl);
  const stage = ctrl.stage.value;
  const panel = ctrl.panel.value;
  const failed = ctrl.failed.value;
  return (
    <main class="room" data-ground="room" data-stage={stage} data-testid="room" ref={root}
      data-bare={ctrl.bare.value || undefined} data-theatre={ctrl.theatre.value || undefined}>
      <h1 class="vh">{ctrl.show.value?.shop.name ?? t('app')}</h1>
      <div class="stage">
        <Screen ctrl={ctrl} />
        <TopBar ctrl={ctrl} />
        <div class="upper"><Strip ctrl={ctrl} /><SoundPill ctrl={ctrl} /></div>
        <Trouble ctrl={ctrl} />
        {failed && stage !== 'gone' && <div class="hush"><ErrorBox cause={failed} retry={() => void ctrl.fetchShow()} /></div>}
        {stage === 'wait' && !failed && <Trying />}
        <Overlay ctrl={ctrl} />
        <Hearts ctrl={ctrl} />
        {stage === 'replay' && <ReplayBar ctrl={ctrl} />}
      </div>
      <Talk ctrl={ctrl} />
      <Aside ctrl={ctrl} />
      {panel === 'menu' && <Menu ctrl={ctrl} />}
      {panel === 'name' && <NameSheet ctrl={ctrl} />}
      {panel === 'keys' && <Keys ctrl={ctrl} />}
    </main>
  );
}
