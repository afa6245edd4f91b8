import type { JSX } from 'preact';

/** How far a finger must carry a line before letting go does something. */
export const actAt = 72;
const startAt = 10;

export type Outcome = 'left' | 'right' | null;

/** What letting go means, by how far it went. */
export const outcomeOf = (dx: number): Outcome => (dx <= -actAt ? 'left' : dx >= actAt ? 'right' : null);

type Handlers = Pick<JSX.HTMLAttributes<HTMLElement>, 'onTouchStart' | 'onTouchMove' | 'onTouchEnd' | 'onTouchCancel'>;

interface Drag {
  x: number;
  y: number;
  dx: number;
  across: boolean | null;
}

/** Carries a line sideways under the finger; scrolling up and down stays the page's. */
export function swipe(act: (o: 'left' | 'right') => void): Handlers {
  let drag: Drag | null = null;
  const place = (el: HTMLElement, dx: number): void => {
    el.style.setProperty('--dx', `${dx}px`);
    const ripe = outcomeOf(dx);
    if (dx === 0) delete el.dataset['dir'];
    else el.dataset['dir'] = dx < 0 ? 'left' : 'right';
    el.toggleAttribute('data-ripe', ripe !== null);
  };
  const end = (el: HTMLElement): void => {
    const out = drag?.across ? outcomeOf(drag.dx) : null;
    drag = null;
    place(el, 0);
    if (out) act(out);
  };
  return {
    onTouchStart(e) {
      const touch = e.touches[0];
      drag = touch && e.touches.length === 1 ? { x: touch.clientX, y: touch.clientY, dx: 0, across: null } : null;
    },
    onTouchMove(e) {
      const touch = e.touches[0];
      if (!drag || !touch) return;
      const dx = touch.clientX - drag.x;
      const dy = touch.clientY - drag.y;
      if (drag.across === null && Math.max(Math.abs(dx), Math.abs(dy)) > startAt) drag.across = Math.abs(dx) > Math.abs(dy);
      if (!drag.across) return;
      drag.dx = Math.max(-140, Math.min(140, dx));
      place(e.currentTarget as HTMLElement, drag.dx);
    },
    onTouchEnd(e) {
      end(e.currentTarget as HTMLElement);
    },
    onTouchCancel(e) {
      drag = null;
      place(e.currentTarget as HTMLElement, 0);
    },
  };
}
