/**
 * The small part of Markdown that legal texts are written in: headings, paragraphs, lists of one level,
 * bold, links. A text is somebody's input: what is not of this part is plain text, and no text of any
 * length takes more than its own time.
 */
export interface Run {
  is: 'text' | 'bold' | 'link';
  text: string;
  /** Of a link: a path of ours, or http(s). */
  href?: string;
}

export type Block =
  | { is: 'heading'; level: 1 | 2 | 3; runs: Run[] }
  | { is: 'text'; runs: Run[] }
  | { is: 'list'; ordered: boolean; items: Run[][] };

const longest = 200_000;
const heading = /^(#{1,3})\s+(\S.*)$/;
const bullet = /^\s{0,3}[-*]\s+(\S.*)$/;
const numbered = /^\s{0,3}\d{1,3}[.)]\s+(\S.*)$/;
/** `[words](address)` or `**words**`, each without its own marks inside and never over a line. */
const mark = /\[([^[\]\n]{1,300})\]\(([^()\s]{1,1000})\)|\*\*([^*\n]{1,2000})\*\*/g;

/** Where a link may lead: http, https, or a page of ours. Anything else is no link. */
export function safeHref(href: string): string | null {
  if (/^\/(?![/\\])/.test(href)) return href.includes('\\') ? null : href;
  if (!/^https?:\/\//i.test(href)) return null;
  try {
    return new URL(href).href;
  } catch {
    return null;
  }
}

export function runsOf(text: string): Run[] {
  const out: Run[] = [];
  let at = 0;
  const plain = (to: number): void => {
    if (to > at) out.push({ is: 'text', text: text.slice(at, to) });
  };
  for (const m of text.matchAll(mark)) {
    const [whole, words, href, bold] = m;
    const safe = href === undefined ? null : safeHref(href);
    if (words !== undefined && safe === null) continue; // stays the text that it is
    plain(m.index);
    at = m.index + whole.length;
    if (words !== undefined && safe !== null) out.push({ is: 'link', text: words, href: safe });
    else if (bold !== undefined) out.push({ is: 'bold', text: bold });
  }
  plain(text.length);
  return out;
}

export function blocksOf(md: string): Block[] {
  const out: Block[] = [];
  let open: string[] = [];
  const close = (): void => {
    if (open.length > 0) out.push({ is: 'text', runs: runsOf(open.join('\n')) });
    open = [];
  };
  const item = (ordered: boolean, text: string): void => {
    const fresh = open.length > 0;
    close();
    const last = out.at(-1);
    if (!fresh && last?.is === 'list' && last.ordered === ordered) last.items.push(runsOf(text));
    else out.push({ is: 'list', ordered, items: [runsOf(text)] });
  };
  for (const line of md.slice(0, longest).replace(/\r\n?/g, '\n').split('\n')) {
    const h = heading.exec(line);
    const b = h ? null : bullet.exec(line);
    const n = h || b ? null : numbered.exec(line);
    if (h) {
      close();
      out.push({ is: 'heading', level: (h[1]?.length ?? 1) as 1 | 2 | 3, runs: runsOf(h[2] ?? '') });
    } else if (b) item(false, b[1] ?? '');
    else if (n) item(true, n[1] ?? '');
    else if (line.trim() === '') close();
    else open.push(line.trim());
  }
  close();
  return out;
}
