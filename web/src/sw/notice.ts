/** What a push says, made safe: it came over a stranger's service. */
export interface Notice {
  title: string;
  body: string;
  /** A path of ours. */
  url: string;
  tag: string;
  lang: string;
}

const longestTitle = 120;
const longestBody = 300;
const langs = new Set(['zh-TW', 'th', 'en', 'zh-CN', 'ja']);
const blank: Notice = { title: 'Nightmarket', body: '', url: '/', tag: 'nm', lang: '' };

const tidy = (v: unknown, most: number): string => (typeof v === 'string' ? v.replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ').trim().slice(0, most) : '');

/** The path on our own site that `url` names, or the front page. */
export function ownPath(url: unknown, origin: string): string {
  if (typeof url !== 'string' || url.length > 500) return '/';
  try {
    const u = new URL(url, origin);
    return u.origin === origin && !u.pathname.startsWith('/api/') ? u.pathname + u.search + u.hash : '/';
  } catch {
    return '/';
  }
}

/** A push must show something; one that makes no sense shows our name and nothing else. */
export function noticeOf(text: string, origin: string): Notice {
  let doc: unknown;
  try {
    doc = JSON.parse(text);
  } catch {
    return blank;
  }
  if (typeof doc !== 'object' || doc === null) return blank;
  const of = doc as Record<string, unknown>;
  const lang = tidy(of['lang'], 8);
  return {
    title: tidy(of['title'], longestTitle) || blank.title,
    body: tidy(of['body'], longestBody),
    url: ownPath(of['url'], origin),
    tag: tidy(of['tag'], 64) || blank.tag,
    lang: langs.has(lang) ? lang : '',
  };
}

/** Which of the open tabs shows this already: the same page, else none. */
export function tabFor<T extends { url: string }>(tabs: readonly T[], path: string, origin: string): T | null {
  const want = new URL(path, origin);
  return tabs.find((t) => {
    const at = new URL(t.url);
    return at.origin === want.origin && at.pathname === want.pathname;
  }) ?? null;
}
