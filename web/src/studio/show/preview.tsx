import { untracked, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Player } from '../../player/ctrl.ts';
import { clockText, nowMs } from '../../ui/clock.ts';
import { Icon, Logo } from '../../ui/icon.tsx';
import { t } from '../strings.ts';
import type { ShowCtrl } from './ctrl.ts';

function Waiting({ ctrl }: { ctrl: ShowCtrl }) {
  const show = ctrl.show.value;
  if (show?.state === 'interrupted') {
    const since = nowMs.value - (ctrl.brokeAt.value ?? nowMs.value);
    return (
      <div class="pv-wait" role="status">
        <Icon name="signal" size={26} /><b>{t('preview.broken')}</b><span class="num big">{clockText(since)}</span>
        <span class="sm">{t('preview.brokenText')}</span>
      </div>
    );
  }
  const on = ctrl.health.value?.connected ?? show?.ingest?.connected ?? false;
  return (
    <div class="pv-wait" role="status">
      <Logo size={44} /><b>{t(on ? 'preview.loading' : 'preview.none')}</b>
      <span class="sm">{t(on ? 'preview.loadingText' : 'preview.noneText')}</span>
    </div>
  );
}

/** The picture as it arrives, without sound until asked. */
export function Preview({ ctrl }: { ctrl: ShowCtrl }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const player = new Player();
    if (video.current) player.attach(video.current);
    player.setMuted(true);
    ctrl.player.value = player;
    return () => {
      player.destroy();
      if (ctrl.player.value === player) ctrl.player.value = null;
    };
  }, [ctrl]);
  useSignalEffect(() => {
    const source = ctrl.source.value;
    const player = ctrl.player.value;
    untracked(() => player?.load(source));
  });
  const player = ctrl.player.value;
  const moving = player?.phase.value === 'playing' || player?.phase.value === 'stalled' || player?.phase.value === 'ended';
  const broken = ctrl.show.value?.state === 'interrupted';
  const muted = player?.muted.value ?? true;
  return (
    <div class="pv" data-ground="room" data-wide={player?.wide.value || undefined} data-testid="preview" data-phase={player?.phase.value ?? 'idle'}>
      <video ref={video} muted playsInline aria-label={t('preview.label')} class={moving && !broken ? '' : 'off'} />
      {(!moving || broken) && <Waiting ctrl={ctrl} />}
      {moving && !broken && (
        <button type="button" class="icb pv-sound" aria-pressed={!muted} aria-label={t('preview.sound')} data-testid="preview-sound"
          onClick={() => player?.setMuted(!muted)}><Icon name={muted ? 'mute' : 'volume'} /></button>
      )}
    </div>
  );
}
