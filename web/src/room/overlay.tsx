import { t } from '../i18n/index.ts';
import { timeOfDay, zoneText } from '../i18n/format.ts';
import { clockText, nowMs } from '../ui/clock.ts';
import { Icon, Logo } from '../ui/icon.tsx';
import { whenText } from '../ui/when.ts';
import { lazy } from '../ui/lazy.tsx';
import { Words } from '../ui/words.tsx';
import type { RoomCtrl } from './ctrl.ts';
import { Got } from './got.tsx';

const dayMs = 86_400_000;

const BeforeShow = lazy(async () => {
  const [view, strings] = await Promise.all([import('../remind/countdown.tsx'), import('../pwa/strings.ts')]);
  await strings.appReady();
  return view.BeforeShow;
}, { wait: () => null, fail: () => null, extra: true });

const Lantern = () => <span class="lantern"><Logo size={84} /></span>;

function Countdown({ ctrl }: { ctrl: RoomCtrl }) {
  const show = ctrl.show.value;
  if (!show) return null;
  const at = show.starts_at;
  const left = at === null ? null : at - nowMs.value;
  return (
    <div class="hush" data-testid="state-countdown">
      <Lantern />
      <h2><Words of={show.title} /></h2>
      {at !== null && (
        <p class="start"><time dateTime={new Date(at).toISOString()}>{whenText(at, nowMs.value)}</time> <small>{zoneText(at)}</small></p>
      )}
      {left !== null && left > 0 && left < dayMs && <p class="big num" role="timer" data-testid="countdown">{clockText(left)}</p>}
      {(left === null || left <= 0) && <p>{t('room.soon')}</p>}
      <p class="fine">{t('room.countdownHint')}</p>
      <BeforeShow show={show} />
    </div>
  );
}

function Break({ ctrl }: { ctrl: RoomCtrl }) {
  const since = ctrl.brokeAt.value ?? nowMs.value;
  return (
    <div class="hush" role="status" data-testid="state-break">
      <Lantern />
      <h2>{t('room.breakTitle', { host: ctrl.show.value?.host_name || ctrl.show.value?.shop.name || '' })}</h2>
      <p>{t('room.breakText')}</p>
      <span class="waited" aria-hidden="true"><Icon name="clock" size={15} />{t('room.waited')} <span class="num">{clockText(nowMs.value - since)}</span></span>
    </div>
  );
}

function Ended({ ctrl, cancelled }: { ctrl: RoomCtrl; cancelled: boolean }) {
  const at = ctrl.show.value?.ended_at ?? null;
  return (
    <div class="hush" role="status" data-testid={cancelled ? 'state-cancelled' : 'state-ended'}>
      <span class="lantern out"><Logo size={84} /></span>
      <h2>{t(cancelled ? 'room.cancelledTitle' : 'room.endedTitle')}</h2>
      <p>{t(cancelled ? 'room.cancelledText' : 'room.endedText')}</p>
      {at !== null && !cancelled && <span class="waited"><Icon name="clock" size={15} />{t('room.endedAt', { time: timeOfDay(at) })}</span>}
      {!cancelled && <Got ctrl={ctrl} />}
      <a class="btn warmth" href="/">{t('room.others')}</a>
    </div>
  );
}

/** What lies over the picture when there is none to see. */
export function Overlay({ ctrl }: { ctrl: RoomCtrl }) {
  switch (ctrl.stage.value) {
    case 'countdown':
      return <Countdown ctrl={ctrl} />;
    case 'break':
      return <Break ctrl={ctrl} />;
    case 'ended':
      return <Ended ctrl={ctrl} cancelled={false} />;
    case 'cancelled':
      return <Ended ctrl={ctrl} cancelled />;
    default:
      return null;
  }
}
