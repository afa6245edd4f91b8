import { computed, signal } from '@preact/signals';
import { session } from '../api/http.ts';

const chosen = signal<string | null>(null);

/** The shop whose rows are looked at, by slug: who works in several chooses. */
export const shop = computed(() => {
  const all = session.value?.staff ?? [];
  return all.find((s) => s.shop.slug === chosen.value) ?? all[0] ?? null;
});

export const shopSlug = computed(() => shop.value?.shop.slug ?? '');

export function chooseShop(slug: string): void {
  chosen.value = slug;
}
