import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { Icon } from '../ui/icon.tsx';
import { go } from '../ui/route.ts';
import { inBar, leaveCorner } from '../ui/stay.ts';
import type { RoomCtrl } from './ctrl.ts';

/** Further than this a finger drags; less is a tap. */
const dragFrom = 8;
/** From this width on there is room beside the page. */
const roomBeside = 1000;

function settle(el: HTMLElement): void {
  const box = el.getBoundingClientRect();
  const right = box.left + box.width / 2 > innerWidth / 2;
  const low = box.top + box.height / 2 > innerHeight / 2;
  el.style.removeProperty('translate');
  el.dataset['at'] = `${low ? 'b' : 't'}${right ? 'r' : 'l'}`;
}

/** Lets the small picture be dragged to any corner; the page below makes room for it. */
export function useCorner(root: RefObject<HTMLElement>, ctrl: RoomCtrl, corner: boolean): void {
  const seen = corner && (ctrl.stage.value === 'live' || ctrl.stage.value === 'replay' || ctrl.stage.value === 'break');
  const bar = inBar.value;
  useEffect(() => {
    if (seen) document.documentElement.dataset['mini'] = bar ? 'bar' : 'free';
    return () => {
      delete document.documentElement.dataset['mini'];
    };
  }, [seen, bar]);
  useEffect(() => {
    const el = root.current;
    if (!el || !corner) return undefined;
    const off = new AbortController();
    let from: { x: number; y: number } | null = null;
    let dragged = false;
    const on = <K extends keyof HTMLElementEventMap>(type: K, f: (e: HTMLElementEventMap[K]) => void, capture = false): void =>
      el.addEventListener(type, f, { signal: off.signal, capture });
    on('pointerdown', (e) => {
      dragged = false;
      if (inBar.peek() && innerWidth < roomBeside) return;
      from = { x: e.clientX, y: e.clientY };
    });
    on('pointermove', (e) => {
      if (!from) return;
      const [dx, dy] = [e.clientX - from.x, e.clientY - from.y];
      if (!dragged && Math.hypot(dx, dy) < dragFrom) return;
      if (!dragged) el.setPointerCapture(e.pointerId);
      dragged = true;
      el.style.setProperty('translate', `${dx}px ${dy}px`);
    });
    const end = (): void => {
      if (from && dragged) settle(el);
      from = null;
    };
    on('pointerup', end);
    on('pointercancel', end);
    on('click', (e) => {
      if (!dragged) return;
      e.preventDefault();
      e.stopPropagation();
    }, true);
    return () => {
      off.abort();
      el.style.removeProperty('translate');
      delete el.dataset['at'];
    };
  }, [root, corner]);
}

/** What lies over the picture in the corner: the way back to the room, and away with it. */
export function CornerBar({ ctrl }: { ctrl: RoomCtrl }) {
  const { player } = ctrl;
  const still = player.blocked.value || (ctrl.stage.value === 'live' && player.phase.value === 'playing' && player.paused.value);
  return (
    <>
      <button type="button" class="back-in" aria-label={t('mini.back')} data-testid="mini-back"
        onClick={() => { if (still) player.play(); go(`/s/${ctrl.id}`); }}>
        {ctrl.stage.value === 'live' && <span class="live">LIVE</span>}
        <span class="to-room cut" aria-hidden="true">{t('mini.back')}</span>
        {ctrl.stage.value === 'break' && <span class="vw">{t('room.lost')}</span>}
      </button>
      <button type="button" class="x" aria-label={t('mini.close')} data-testid="mini-close" onClick={leaveCorner}><span><Icon name="close" size={14} /></span></button>
    </>
  );
}
