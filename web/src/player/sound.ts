import { signal } from '@preact/signals';

const key = 'nm-sound';

function takeKept(): boolean {
  try {
    const on = sessionStorage.getItem(key) === 'on';
    sessionStorage.removeItem(key);
    return on;
  } catch {
    return false;
  }
}

/** Sound as last chosen; it goes along from room to room until the page is left. */
export const wantsSound = signal(takeKept());

/** Before this site is left for another, from which one comes back: the sound is then as it was. */
export function keepSound(): void {
  try {
    if (wantsSound.value) sessionStorage.setItem(key, 'on');
  } catch {
    // blocked: the pill is offered again
  }
}
