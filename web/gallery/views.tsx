import type { JSX } from 'preact';
import type { Show } from '../src/api/types.ts';
import { failed, lists } from '../src/home/ctrl.ts';
import { Home } from '../src/home/view.tsx';
import { NotFound } from '../src/notfound/view.tsx';
import { RoomCtrl } from '../src/room/ctrl.ts';
import { RoomView } from '../src/room/view.tsx';
import { SignIn } from '../src/signin/view.tsx';
import { session } from '../src/api/http.ts';
import { base, guest, lines, live, next, nobody, now, pinned, replays } from './data.ts';

/** A room as it stands, without a server and without a picture but its cover. */
function room(show: Partial<Show>, change: (c: RoomCtrl) => void = () => undefined): () => JSX.Element {
  return () => {
    session.value = guest;
    const ctrl = new RoomCtrl('shw_demo', { ...base, ...show });
    ctrl.log.reset(lines);
    ctrl.player.phase.value = 'playing';
    change(ctrl);
    return <RoomView ctrl={ctrl} />;
  };
}

function home(l: typeof lists.value, problem: typeof failed.value = null): () => JSX.Element {
  return () => {
    session.value = nobody;
    lists.value = l;
    failed.value = problem;
    return <Home />;
  };
}

const replay: Partial<Show> = { state: 'replay_ready', playback: { kind: 'replay', hls: '/none.m3u8', offset_ms: 0 } };

/** Every view of the viewer side, by the name that its picture gets. */
export const views: Record<string, () => JSX.Element> = {
  'home': home({ live, next, replays }),
  'home-one': home({ live: live.slice(0, 1), next, replays }),
  'home-quiet': home({ live: [], next, replays }),
  'home-empty': home({ live: [], next: [], replays: [] }),
  'home-loading': home(null),
  'home-error': home(null, 'offline'),
  'room-live': room({}, (c) => { c.pinned.value = pinned; }),
  'room-loading': room({}, (c) => { c.player.phase.value = 'loading'; }),
  'room-rejoining': room({}, (c) => { c.player.phase.value = 'waiting'; c.player.muted.value = false; }),
  'room-countdown': room({ state: 'scheduled', starts_at: now + 22 * 60_000, playback: null }),
  'room-break': room({ state: 'interrupted' }, (c) => { c.brokeAt.value = now - 18_000; }),
  'room-ended': room({ state: 'ended', ended_at: now - 60_000, playback: null }),
  'room-cancelled': room({ state: 'cancelled', playback: null }),
  'room-muted': room({}, (c) => { c.sanction.value = { kind: 'mute', until: now + 600_000 }; }),
  'room-refused': room({}, (c) => { c.draft.value = '還有黑色嗎'; c.sendFailed.value = 'busy'; }),
  'room-slow': room({}, (c) => { c.draft.value = '還有黑色嗎'; c.waitUntil.value = now + 8000; }),
  'room-name': room({}, (c) => { c.draft.value = '這件可以機洗嗎'; c.panel.value = 'name'; }),
  'room-menu': room({}, (c) => { c.panel.value = 'menu'; }),
  'room-keys': room({}, (c) => { c.panel.value = 'keys'; }),
  'room-bare': room({}, (c) => { c.bare.value = true; }),
  'room-replay': room(replay, (c) => { c.player.muted.value = false; c.player.position.value = 1168; c.player.duration.value = 4360; }),
  'signin': () => {
    session.value = nobody;
    return <SignIn />;
  },
  'notfound': () => <NotFound />,
};
