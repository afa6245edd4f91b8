import { useRef } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { clockText } from '../ui/clock.ts';
import { Icon } from '../ui/icon.tsx';
import type { RoomCtrl } from './ctrl.ts';
import { BuyButtons } from './ticket.tsx';

const stepS = 10;
const keyStepS = 5;
const speeds = [1, 1.25, 1.5, 2, 0.75];

const text = (s: number): string => clockText(s * 1000);

function Track({ ctrl }: { ctrl: RoomCtrl }) {
  const { player } = ctrl;
  const bar = useRef<HTMLDivElement>(null);
  const end = player.duration.value;
  const at = Math.min(player.position.value, end);
  const part = end > 0 ? at / end : 0;
  const marks = end > 0 ? (ctrl.sale.chapters.value ?? []).map((c) => Math.min(100, c.start_ms / end / 10)) : [];
  function seekTo(e: PointerEvent): void {
    const box = bar.current?.getBoundingClientRect();
    if (!box || end === 0) return;
    player.seek(((e.clientX - box.left) / box.width) * end);
  }
  function onDown(e: PointerEvent): void {
    bar.current?.setPointerCapture(e.pointerId);
    seekTo(e);
  }
  function onMove(e: PointerEvent): void {
    if (bar.current?.hasPointerCapture(e.pointerId)) seekTo(e);
  }
  function onKey(e: KeyboardEvent): void {
    const to: Record<string, number> = {
      ArrowLeft: at - keyStepS, ArrowRight: at + keyStepS, ArrowDown: at - keyStepS, ArrowUp: at + keyStepS,
      PageDown: at - 60, PageUp: at + 60, Home: 0, End: end,
    };
    const s = to[e.key];
    if (s === undefined) return;
    e.preventDefault();
    player.seek(s);
  }
  return (
    <div class="trk" ref={bar} role="slider" tabIndex={0} aria-label={t('replay.position')} aria-valuemin={0} aria-valuemax={Math.round(end)}
      aria-valuenow={Math.round(at)} aria-valuetext={t('replay.of', { at: text(at), end: text(end) })} data-testid="replay-track"
      style={{ '--at': `${(part * 100).toFixed(2)}%` }} onPointerDown={onDown} onPointerMove={onMove} onKeyDown={onKey}><i />{marks.map((m) => <u key={m} style={{ '--m': `${m}%` }} />)}<b /></div>
  );
}

/** Controls of a recording: play, ten seconds either way, the track, the time, the speed. */
export function ReplayBar({ ctrl }: { ctrl: RoomCtrl }) {
  const { player } = ctrl;
  const still = player.paused.value || player.phase.value === 'ended';
  const speed = player.speed.value;
  function nextSpeed(): void {
    player.setSpeed(speeds[(speeds.indexOf(speed) + 1) % speeds.length] ?? 1);
  }
  function toggle(): void {
    if (player.phase.value === 'ended') player.seek(0);
    if (still) player.play();
    else player.pause();
  }
  return (
    <div class="replay-bar over" data-testid="replay-controls" role="group" aria-label={t('replay.controls')}>
      <div class="along">
        <span class="num tmx" data-testid="replay-time">{text(player.position.value)}</span>
        <Track ctrl={ctrl} />
        <span class="num tmx">{text(player.duration.value)}</span>
      </div>
      <div class="scr">
        <button type="button" class="icb" aria-label={t('replay.back')} onClick={() => player.seek(player.position.value - stepS)}><Icon name="rew" size={22} /></button>
        <button type="button" class="icb main" aria-label={t(still ? 'replay.play' : 'replay.pause')} data-testid="replay-toggle" onClick={toggle}><Icon name={still ? 'play' : 'pause'} size={26} /></button>
        <button type="button" class="icb" aria-label={t('replay.forward')} onClick={() => player.seek(player.position.value + stepS)}><Icon name="fwd" size={22} /></button>
        <span class="grow" />
        <button type="button" class="icb" aria-label={t(player.muted.value ? 'replay.unmute' : 'replay.mute')} onClick={() => player.setMuted(!player.muted.value)}><Icon name={player.muted.value ? 'mute' : 'volume'} size={22} /></button>
        <button type="button" class="icb spd num" aria-label={t('replay.speed', { x: speed })} data-testid="replay-speed" onClick={nextSpeed}>{speed}×</button>
        <span class="inrow"><BuyButtons ctrl={ctrl} /></span>
      </div>
    </div>
  );
}
