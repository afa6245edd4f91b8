import { session } from './api/http.ts';
import type { Boot, Show } from './api/types.ts';
import { asLang } from './i18n/area.ts';
import { setServerNow } from './ui/clock.ts';

function parse(text: string): Boot | null {
  try {
    return text.trim() ? (JSON.parse(text) as Boot) : null;
  } catch {
    return null;
  }
}

/** What the server wrote into the page; without it (dev server) the page asks for itself. */
export const boot = parse(document.getElementById('nm-boot')?.textContent ?? '');

export const bootLang = asLang(
  boot?.lang ?? /(?:^|; )nm_lang=([\w-]+)/.exec(document.cookie)?.[1] ?? document.documentElement.lang,
);

/** The show that came with the page, once: on a second visit to its room it would be old. */
export function takeShow(id: string): Show | null {
  const show = boot?.show?.id === id ? boot.show : null;
  if (boot && show) boot.show = null;
  return show;
}

if (boot) {
  session.value = boot.session;
  setServerNow(boot.now);
}
