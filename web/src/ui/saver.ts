import { signal } from '@preact/signals';

const key = 'nm-saver';

/** What was chosen here before, else what the browser was told: somebody pays by the megabyte. */
function initial(): boolean {
  try {
    const chosen = localStorage.getItem(key);
    if (chosen) return chosen === '1';
  } catch {
    // blocked: the browser's word counts
  }
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData ?? false;
}

/** Data saver: the smallest picture, small photos, no hearts. */
export const saver = signal(initial());

export function setSaver(on: boolean): void {
  saver.value = on;
  try {
    localStorage.setItem(key, on ? '1' : '0');
  } catch {
    // blocked: it holds until the page is left
  }
}
