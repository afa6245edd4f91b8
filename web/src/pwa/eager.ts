import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';

/** The browser's own offer to install, held back until there is a good moment for it. */
export interface InstallOffer extends Event {
  prompt: () => Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

export const held = signal<InstallOffer | null>(null);

/** What the app has to say of itself; its code comes when there is something. */
export const note = signal<ComponentType | null>(null);

/** It may come before anything else has loaded, so this much is here at once. */
export function holdInstall(): void {
  addEventListener('beforeinstallprompt', (e) => {
    e.preventDefault();
    held.value = e as InstallOffer;
  });
}
