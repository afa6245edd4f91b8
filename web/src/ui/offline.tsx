import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from './icon.tsx';

/** False while the browser says there is no network at all, or the server is out of reach. */
export const online = signal(navigator.onLine);
/** The page began without the server: it knows nothing yet, and shows what was last seen. */
export const adrift = signal(false);
addEventListener('online', () => {
  online.value = !adrift.value;
});
addEventListener('offline', () => {
  online.value = false;
});

export function Offline({ text }: { text: string }) {
  const away = !online.value;
  useEffect(() => {
    document.documentElement.toggleAttribute('data-offline', away);
  }, [away]);
  if (!away) return null;
  return (
    <div class="offline" role="status" data-testid="offline">
      <Icon name="signal" size={16} />
      <span>{text}</span>
    </div>
  );
}
