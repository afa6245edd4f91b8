import { session } from './api/http.ts';
import type { Boot } from './api/types.ts';
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

if (boot) {
  session.value = boot.session;
  setServerNow(boot.now);
}
