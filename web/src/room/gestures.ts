import { useEffect } from 'preact/hooks';
import type { RefObject } from 'preact';
import type { RoomCtrl } from './ctrl.ts';

/** Height of the on-screen keyboard as `--kb`, so that the input rides above it and the video stays. */
export function useKeyboardGap(root: RefObject<HTMLElement>): void {
  useEffect(() => {
    const vv = window.visualViewport;
    if (!vv) return undefined;
    const measure = (): void => {
      const gap = Math.max(0, Math.round(innerHeight - vv.height - vv.offsetTop));
      root.current?.style.setProperty('--kb', `${gap > 80 ? gap : 0}px`);
      root.current?.toggleAttribute('data-typing', gap > 80);
    };
    vv.addEventListener('resize', measure);
    vv.addEventListener('scroll', measure);
    return () => {
      vv.removeEventListener('resize', measure);
      vv.removeEventListener('scroll', measure);
    };
  }, [root]);
}

const swipeX = 64;
const swipeY = 48;

/** Swiping left takes everything off the picture, swiping right brings it back. */
export function useSwipe(root: RefObject<HTMLElement>, ctrl: RoomCtrl): void {
  useEffect(() => {
    const el = root.current;
    if (!el) return undefined;
    let from: { x: number; y: number } | null = null;
    const start = (e: TouchEvent): void => {
      const touch = e.touches[0];
      const held = (e.target as Element).closest('input, [role=slider], .sheet, .seg');
      from = touch && e.touches.length === 1 && !held ? { x: touch.clientX, y: touch.clientY } : null;
    };
    const end = (e: TouchEvent): void => {
      const touch = e.changedTouches[0];
      if (!from || !touch) return;
      const dx = touch.clientX - from.x;
      if (Math.abs(dx) > swipeX && Math.abs(touch.clientY - from.y) < swipeY) ctrl.bare.value = dx < 0;
      from = null;
    };
    el.addEventListener('touchstart', start, { passive: true });
    el.addEventListener('touchend', end, { passive: true });
    return () => {
      el.removeEventListener('touchstart', start);
      el.removeEventListener('touchend', end);
    };
  }, [root, ctrl]);
}

export function toggleFullscreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen?.().catch(() => undefined);
}

const stepS = 10;

function replayKey(ctrl: RoomCtrl, key: string): boolean {
  const { player } = ctrl;
  if (ctrl.stage.value !== 'replay') return false;
  if (key === 'ArrowLeft') player.seek(player.position.value - stepS);
  else if (key === 'ArrowRight') player.seek(player.position.value + stepS);
  else if (key === ' ' || key === 'k') {
    if (player.paused.value) player.play();
    else player.pause();
  } else return false;
  return true;
}

function roomKey(ctrl: RoomCtrl, key: string): boolean {
  switch (key) {
    case 'm':
      ctrl.player.setMuted(!ctrl.player.muted.value);
      return true;
    case 'f':
      toggleFullscreen();
      return true;
    case 't':
      ctrl.theatre.value = !ctrl.theatre.value;
      return true;
    case 'h':
      ctrl.bare.value = !ctrl.bare.value;
      return true;
    case 'c':
      ctrl.bare.value = false;
      document.querySelector<HTMLElement>('[data-testid="chat-input"]')?.focus();
      return true;
    case '?':
      ctrl.panel.value = 'keys';
      return true;
    case 'Escape':
      ctrl.bare.value = false;
      return false;
    default:
      return replayKey(ctrl, key);
  }
}

/** One key, one act; asleep while something is typed or a button has the focus that wants the key. */
export function useKeys(ctrl: RoomCtrl, awake: boolean): void {
  useEffect(() => {
    if (!awake) return undefined;
    const down = (e: KeyboardEvent): void => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || ctrl.panel.value) return;
      const at = e.target as HTMLElement;
      if (at.closest('input, textarea, select')) return;
      if (e.key === ' ' && at.closest('button, a')) return;
      if (e.key.startsWith('Arrow') && at.closest('[role=slider]')) return;
      if (roomKey(ctrl, e.key)) e.preventDefault();
    };
    addEventListener('keydown', down);
    return () => removeEventListener('keydown', down);
  }, [ctrl, awake]);
}
