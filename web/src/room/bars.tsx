import { t } from '../i18n/index.ts';
import { count } from '../i18n/format.ts';
import { Icon } from '../ui/icon.tsx';
import { go } from '../ui/route.ts';
import { langAttr } from '../ui/words.tsx';
import type { RoomCtrl } from './ctrl.ts';

function Badge({ ctrl }: { ctrl: RoomCtrl }) {
  switch (ctrl.stage.value) {
    case 'live':
      return <span class="live" data-testid="live-badge">LIVE</span>;
    case 'replay':
      return <span class="vw replay" data-testid="replay-badge">{t('room.replay')}</span>;
    case 'break':
      return <span class="vw lost"><i />{t('room.lost')}</span>;
    default:
      return null;
  }
}

function Watching({ ctrl }: { ctrl: RoomCtrl }) {
  const stage = ctrl.stage.value;
  if (stage !== 'live' && stage !== 'countdown') return null;
  const n = ctrl.viewers.value.now;
  if (stage === 'countdown' && n < 2) return null;
  return (
    <span class="vw" role="img" aria-label={t('room.watching', { n: count(n) })} title={t('room.watching', { n: count(n) })}>
      <Icon name="eye" size={15} /><span class="num" data-testid="viewers">{count(n)}</span>
    </span>
  );
}

function leave(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  go('/');
}

export function TopBar({ ctrl }: { ctrl: RoomCtrl }) {
  const show = ctrl.show.value;
  const bare = ctrl.bare.value;
  return (
    <div class="rtop">
      {show && (
        <div class="host over">
          {show.cover ? <img src={show.cover.url} alt="" /> : <span class="face">{show.shop.name.slice(0, 1)}</span>}
          <b class="cut">{show.shop.name}</b>
        </div>
      )}
      <div class="marks over"><Badge ctrl={ctrl} /><Watching ctrl={ctrl} /></div>
      <span class="grow" />
      {bare && (
        <button type="button" class="icb" aria-label={t('room.overlaysBack')} data-testid="overlays-back"
          onClick={() => { ctrl.bare.value = false; }}><Icon name="eye" size={22} /></button>
      )}
      <button type="button" class="icb over" aria-label={t('room.menu')} data-testid="menu" aria-haspopup="dialog"
        onClick={() => { ctrl.panel.value = 'menu'; }}><Icon name="more" size={22} /></button>
      <button type="button" class="icb" aria-label={t('room.leave')} data-testid="leave" onClick={leave}><Icon name="close" size={22} /></button>
    </div>
  );
}

/** The announcement that staff have pinned: one line, and it can be put away. */
export function Strip({ ctrl }: { ctrl: RoomCtrl }) {
  const pinned = ctrl.pinned.value;
  const over = ctrl.stage.value === 'replay' || ctrl.stage.value === 'ended'; // tonight's offer is yesterday's
  if (!pinned || over || ctrl.pinShut.value === pinned.id) return null;
  return (
    <div class="ann over" data-testid="announcement" role="note">
      <div>
        <Icon name="mega" size={16} />
        <span class="say-it" {...langAttr(pinned.lang)}>{pinned.text}</span>
        <button type="button" aria-label={t('room.announcementClose')} onClick={() => { ctrl.pinShut.value = pinned.id; }}>
          <Icon name="close" size={15} />
        </button>
      </div>
    </div>
  );
}

export function SoundPill({ ctrl }: { ctrl: RoomCtrl }) {
  const { player } = ctrl;
  const phase = player.phase.value;
  const stage = ctrl.stage.value;
  if (stage !== 'live' && stage !== 'replay') return null;
  // The system may stop the picture, as for a phone call; only a tap starts it again.
  const stopped = stage === 'live' && phase === 'playing' && player.paused.value;
  if (player.blocked.value || stopped) {
    return (
      <button type="button" class="sound" data-testid="play-pill" onClick={() => player.play()}>
        <Icon name="play" size={22} />{t('room.tapToPlay')}
      </button>
    );
  }
  if (!player.muted.value || phase === 'waiting' || phase === 'idle') return null;
  return (
    <button type="button" class="sound" data-testid="sound-pill" onClick={() => player.setMuted(false)}>
      <Icon name="mute" size={22} />{t('room.sound')}
    </button>
  );
}

/** Says why the picture stands still, once it has for long enough to be noticed. */
export function Trouble({ ctrl }: { ctrl: RoomCtrl }) {
  const stage = ctrl.stage.value;
  const phase = ctrl.player.phase.value;
  if (stage !== 'live' && stage !== 'replay') return null;
  if (phase !== 'stalled' && phase !== 'waiting' && phase !== 'loading') return null;
  const text = phase === 'loading' ? t('room.loading') : t('room.rejoining');
  return (
    <div class={`spin ${phase}`} role="status" data-testid="player-wait">
      <span class="ringer" /><span>{text}</span>
    </div>
  );
}
