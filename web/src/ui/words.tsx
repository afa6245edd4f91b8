import { Fragment } from 'preact';
import { htmlLang, lang } from '../i18n/index.ts';
import { pick, type Localized } from '../i18n/format.ts';
import { asLang } from '../i18n/area.ts';

/** Localized text with its own `lang` when it is not the reader's, so that it gets its own type. */
export function Words({ of }: { of: Localized }) {
  const { text, lang: l } = pick(of);
  const own = l === lang.value ? {} : { lang: htmlLang(l) };
  if (l.startsWith('zh')) return <span {...own}><Phrase of={text} /></span>;
  return l === lang.value ? <>{text}</> : <span {...own}>{text}</span>;
}

/** A line in large type: Chinese breaks between its words; Japanese and Thai are the browser's to break. */
export function Phrase({ of }: { of: string }) {
  const words = /\p{Script=Han}/u.test(of) && !/\p{Script=Hiragana}|\p{Script=Katakana}/u.test(of) ? wordsOf(of) : null;
  if (!words) return <>{of}</>;
  return <span class="phrase">{words.map((w, i) => (i === 0 ? w : <Fragment key={i}><wbr />{w}</Fragment>))}</span>;
}

/** Chinese has no spaces; a line that breaks between words and not inside them reads better. */
function wordsOf(text: string): string[] | null {
  if (typeof Intl.Segmenter !== 'function') return null;
  segmenter ??= new Intl.Segmenter('zh-Hant', { granularity: 'word' });
  const out: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (isWordLike || out.length === 0) out.push(segment);
    else out[out.length - 1] += segment; // what follows a word stays with it
  }
  return out;
}

let segmenter: Intl.Segmenter | undefined;

/** `lang` of a text by someone else, as an attribute: only where it differs from the page's. */
export function langAttr(l: string): { lang?: string } {
  const known = asLang(l);
  return known === lang.value ? {} : { lang: htmlLang(known) };
}
