import { useEffect } from 'preact/hooks';
import { ta, type AppKey } from '../pwa/strings.ts';
import { Icon } from '../ui/icon.tsx';
import '../remind/style.css';
import { lookAtPush, pushOn, pushState, turnOffPush, turnOnPush, type PushState } from './index.ts';
import '../ui/switch.css';

const words: Record<PushState, AppKey> = {
  unknown: 'push.offer', default: 'push.offer', granted: 'push.offer',
  unsupported: 'push.unsupported', install: 'push.install', off: 'push.off', denied: 'push.denied',
};
const open = new Set<PushState>(['unknown', 'default', 'granted']);

/** Messages to this device, on or off, with the word why not where they cannot be. */
export function PushSwitch({ label }: { label: string }) {
  useEffect(() => void lookAtPush(), []);
  const on = pushOn.value;
  const can = open.has(pushState.value);
  const press = (): void => {
    void (on ? turnOffPush() : turnOnPush()).catch(() => undefined);
  };
  return (
    <div class="own-row" data-testid="push-switch" data-state={pushState.value} data-on={on || undefined}>
      <span class="own-mark"><Icon name="bell" size={22} /></span>
      <span class="grow"><b>{label}</b><span class="sm t2 push-says" role="status">{ta(on ? 'push.on' : words[pushState.value])}</span></span>
      {can && <button type="button" class="btn s" aria-pressed={on} data-testid="push-press" onClick={press}>{ta(on ? 'push.turnOff' : 'push.turnOn')}</button>}
    </div>
  );
}
