import { signal } from '@preact/signals';
import { getOffer, type Offer } from '../api/people.ts';

/** The ways to sign in that this server has. Null until it has said. */
export const offer = signal<Offer | null>(null);
/** It did not say: then there is the e-mail, which every server has. */
export const offerFailed = signal(false);

let asked: Promise<void> | null = null;

export function loadOffer(): Promise<void> {
  asked ??= getOffer().then(
    (o) => {
      offer.value = o;
      offerFailed.value = false;
    },
    () => {
      offerFailed.value = true;
      asked = null;
    },
  );
  return asked;
}

const own: Record<string, string> = { line: 'LINE', google: 'Google', facebook: 'Facebook', apple: 'Apple' };

/** What people call a provider. */
export const labelOf = (name: string): string => offer.value?.items.find((p) => p.name === name)?.label ?? own[name] ?? name;
