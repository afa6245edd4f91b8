import { signal } from '@preact/signals';
import { Icon, type IconName } from './icon.tsx';

type Tone = 'ok' | 'bad' | 'plain';

interface Toast {
  id: number;
  text: string;
  tone: Tone;
}

const most = 3;
const shownMs = 4000;
const icons: Record<Tone, IconName> = { ok: 'check', bad: 'warn', plain: 'info' };
const toasts = signal<Toast[]>([]);
let last = 0;

/** Says something for a few seconds. For what happened, never for what must be read to go on. */
export function toast(text: string, tone: Tone = 'plain'): void {
  last += 1;
  const id = last;
  toasts.value = [...toasts.value.slice(1 - most), { id, text, tone }];
  setTimeout(() => {
    toasts.value = toasts.value.filter((x) => x.id !== id);
  }, shownMs);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" data-ground="paper">
      {toasts.value.map((x) => (
        <div key={x.id} class={`toast ${x.tone}`} data-testid="toast">
          <Icon name={icons[x.tone]} size={18} />
          <span>{x.text}</span>
        </div>
      ))}
    </div>
  );
}
