import { htmlLang, lang } from '../i18n/index.ts';
import { pick, type Localized } from '../i18n/format.ts';
import { asLang } from '../i18n/area.ts';

/** Localized text with its own `lang` when it is not the reader's, so that it gets its own type. */
export function Words({ of }: { of: Localized }) {
  const { text, lang: l } = pick(of);
  return l === lang.value ? <>{text}</> : <span lang={htmlLang(l)}>{text}</span>;
}

/** `lang` of a text by someone else, as an attribute: only where it differs from the page's. */
export function langAttr(l: string): { lang?: string } {
  const known = asLang(l);
  return known === lang.value ? {} : { lang: htmlLang(known) };
}
