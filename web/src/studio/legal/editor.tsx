import { useRef, useState } from 'preact/hooks';
import { asProblem } from '../../api/http.ts';
import { htmlLang } from '../../i18n/index.ts';
import { Markdown } from '../../legal/md.tsx';
import '../../legal/style.css';
import { Icon } from '../../ui/icon.tsx';
import { toast } from '../../ui/toast.tsx';
import { problemText } from '../say.ts';
import { putDoc, type DocText, type DocWhole } from './api.ts';
import { fillMarks } from './fill.ts';
import { l } from './strings.ts';

interface EditorProps {
  whole: DocWhole;
  text: DocText;
  put: (d: DocWhole) => void;
}

/** One text in one language: what is written, beside how it will be read. */
export function Editor({ whole, text, put }: EditorProps) {
  const from = text.draft ?? text;
  const [title, setTitle] = useState(from.title);
  const [body, setBody] = useState(from.body_md);
  const [looks, setLooks] = useState(false);
  const [busy, setBusy] = useState(false);
  const [bad, setBad] = useState<string | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const same = title === from.title && body === from.body_md;

  function putIn(mark: string): void {
    const at = area.current?.selectionStart ?? body.length;
    setBody(`${body.slice(0, at)}{${mark}}${body.slice(at)}`);
    area.current?.focus();
  }
  async function save(publish: boolean): Promise<void> {
    if (busy || !title.trim()) return;
    setBusy(true);
    setBad(null);
    try {
      put(await putDoc(whole.doc, { lang: text.lang, title: title.trim(), body_md: body, publish }));
      toast(l(publish ? 'published' : 'drafted'), 'ok');
    } catch (e) {
      const p = asProblem(e);
      setBad(p.code === 'input' ? l('bad.body', { why: p.message }) : problemText(p));
    }
    setBusy(false);
  }
  return (
    <div class="lg-edit" data-looks={looks || undefined}>
      <div class="stack lg-write">
        <label class="fld"><span class="lb">{l('field.title')}</span><input class={`inp${title.trim() ? '' : ' err'}`} value={title} maxLength={120} lang={htmlLang(text.lang)} autoComplete="off" data-testid="legal-title" onInput={(e) => setTitle(e.currentTarget.value)} /></label>
        {!title.trim() && <p class="errmsg" role="alert">{l('bad.title')}</p>}
        <label class="fld"><span class="lb">{l('field.body')}</span>
          <textarea class="inp lg-text" ref={area} rows={18} value={body} lang={htmlLang(text.lang)} spellcheck={false} data-testid="legal-body" onInput={(e) => setBody(e.currentTarget.value)} /></label>
        <p class="xs t2">{l('field.hint')}</p>
        <details class="lg-marks"><summary class="sm b">{l('marks')}</summary>
          <div class="row wrap">{whole.marks.map((m) => (
            <button key={m.mark} type="button" class="btn s" data-testid="mark" onClick={() => putIn(m.mark)}><code>{`{${m.mark}}`}</code><span class="xs t2 cut">{m.value ?? l('marks.none')}</span></button>
          ))}</div></details>
      </div>
      <section class="card legal lg-look" aria-label={l('preview')} lang={htmlLang(text.lang)} data-testid="legal-preview"><h2 class="lg-head">{fillMarks(title, whole.marks)}</h2><Markdown of={fillMarks(body, whole.marks)} /></section>
      {bad && <p class="note bad lg-foot" role="alert"><Icon name="warn" size={18} /><span>{bad}</span></p>}
      <div class="row wrap lg-foot">
        <button type="button" class="btn lg-turn" aria-pressed={looks} onClick={() => setLooks(!looks)}>{l(looks ? 'write' : 'preview')}</button>
        {!text.own && !text.draft && body !== text.template.body_md && <button type="button" class="btn ghost" onClick={() => { setTitle(text.template.title); setBody(text.template.body_md); }}>{l('fromTemplate')}</button>}
        <span class="grow" />
        <button type="button" class="btn" aria-disabled={busy || same} data-testid="legal-draft" onClick={() => { if (!same) void save(false); }}>{l('draft')}</button>
        <button type="button" class="btn pri" aria-disabled={busy || (same && text.draft === null)} data-testid="legal-publish" onClick={() => { if (!same || text.draft) void save(true); }}>{l('publish')}</button>
      </div>
    </div>
  );
}
