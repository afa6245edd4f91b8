import { useEffect, useState } from 'preact/hooks';
import { asProblem, type ProblemCode } from '../../api/http.ts';
import { listText } from '../../i18n/format.ts';
import { htmlLang, lang, langNames, langs, type Lang } from '../../i18n/index.ts';
import { docs, type Doc } from '../../legal/api.ts';
import { nowMs } from '../../ui/clock.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useTitle } from '../../ui/title.ts';
import { whenText } from '../../ui/when.ts';
import { Frame, Head } from '../frame.tsx';
import { shop, shopSlug } from '../shops.ts';
import { getDoc, listDocs, type DocRow, type DocText, type DocWhole } from './api.ts';
import { Editor } from './editor.tsx';
import { l } from './strings.ts';
import { Tabs } from './tabs.tsx';
import '../orders/style.css';
import './style.css';

const names = (of: readonly Lang[]): string => listText(of.map((x) => langNames[x]));

function stateOf(r: DocRow): string {
  if (r.langs.length === 0) return l('doc.template');
  return r.missing.length > 0 ? l('doc.missing', { langs: names(r.missing) }) : l('doc.whole');
}

/** The four texts and what each still lacks. */
function Docs({ rows, at, choose }: { rows: DocRow[]; at: Doc; choose: (d: Doc) => void }) {
  return (
    <div class="lg-docs" role="group" aria-label={l('docs')}>
      {docs.map((d) => {
        const r = rows.find((x) => x.doc === d);
        return (
          <button key={d} type="button" class="card lg-doc" aria-pressed={at === d} data-testid={`doc-${d}`} onClick={() => choose(d)}>
            <b>{l(`doc.${d}`)}</b>{r && <span class="xs t2">{stateOf(r)}</span>}
            {r && r.drafts.length > 0 && <span class="pill warn">{l('doc.drafts')}</span>}
          </button>
        );
      })}
    </div>
  );
}

const mark = (x: DocText | undefined): string => (x?.draft ? 'half' : x?.own ? 'own' : '');

function stateText(x: DocText): string {
  if (x.draft) return l('state.draft');
  return x.own ? l('state.own', { version: x.version }) : l('state.template');
}

function Version({ doc, v }: { doc: Doc; v: DocWhole['versions'][number] }) {
  const q = new URLSearchParams({ shop: shopSlug.value, version: v.version, ...(v.lang ? { in: v.lang } : {}) });
  return (
    <li class="row"><a class="ordlink num" href={`/legal/${doc}?${q}`}>{v.version}</a>
      <span class="grow sm">{v.lang ? <span lang={htmlLang(v.lang)}>{langNames[v.lang]}</span> : l('versions.builtIn')}
        <span class="xs t2">{v.at && whenText(v.at, nowMs.value)}{v.by && ` · ${l('versions.by', { name: v.by })}`}</span></span></li>
  );
}

function Versions({ whole }: { whole: DocWhole }) {
  return (
    <section class="card"><h2 class="sec">{l('versions')}</h2>
      {whole.versions.length === 0 && <p class="sm t2">{l('versions.none')}</p>}
      <ul class="lg-versions">{whole.versions.map((v) => <Version key={`${v.version} ${v.lang}`} doc={whole.doc} v={v} />)}</ul>
    </section>
  );
}

/** `/studio/legal`: what buyers agree to, in five languages. */
export function LegalTextsView() {
  useTitle(l('title'));
  const [rows, setRows] = useState<DocRow[]>([]);
  const [doc, setDoc] = useState<Doc>('terms');
  const [into, setInto] = useState<Lang>(lang.peek());
  const [whole, setWhole] = useState<DocWhole | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const fail = (e: unknown): void => setFailed(asProblem(e).code);
  const list = (): void => void listDocs().then((got) => setRows(got.items), fail);
  const load = (): void => {
    setFailed(null);
    setWhole(null);
    getDoc(doc).then(setWhole, fail);
  };
  useEffect(list, [shopSlug.value]);
  useEffect(load, [doc, shopSlug.value]);
  const text = whole?.doc === doc ? whole.items.find((x) => x.lang === into) : undefined;
  return (
    <Frame at="legal">
      <Head title={l('title')} sub={shop.value?.shop.name} />
      <Tabs at="legal" />
      <p class="note warn"><Icon name="warn" size={18} /><span>{l('counsel')}</span></p>
      <Docs rows={rows} at={doc} choose={setDoc} />
      {failed && <ErrorBox cause={failed} retry={() => { list(); load(); }} />}
      {whole && text && (
        <section class="card stack lg-one">
          <div class="row wrap"><h2 class="sec grow">{l(`doc.${doc}`)}</h2>
            <div class="seg lg-langs" role="group" aria-label={l('lang')}>{langs.map((x) => (
              <button key={x} type="button" aria-pressed={x === into} lang={htmlLang(x)} data-testid={`text-${x}`} onClick={() => setInto(x)}>{langNames[x]}<i class={`lg-dot ${mark(whole.items.find((i) => i.lang === x))}`} /></button>
            ))}</div></div>
          <p class="sm t2" data-testid="text-state">{stateText(text)}</p>
          <Editor key={`${doc} ${into} ${text.version} ${text.draft?.at}`} whole={whole} text={text} put={(d) => { setWhole(d); list(); }} />
        </section>
      )}
      {whole && <Versions whole={whole} />}
    </Frame>
  );
}
