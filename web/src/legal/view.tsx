import { useEffect, useState } from 'preact/hooks';
import { asProblem, type ProblemCode } from '../api/http.ts';
import { dateText } from '../i18n/format.ts';
import { asLang, htmlLang, lang, langNames } from '../i18n/index.ts';
import { NotFound } from '../notfound/view.tsx';
import { lastShop } from '../shop/cart.ts';
import { Page, Wait } from '../shop/page.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon } from '../ui/icon.tsx';
import { go } from '../ui/route.ts';
import { docs, getLegal, type Doc, type LegalText } from './api.ts';
import { Markdown } from './md.tsx';
import { t } from './strings.ts';
import './style.css';

/** The address says which shop and version; a language of its own leaves the app's as it is. */
const asked = (): { shop: string | null; version: string | null; lang: string | null } => {
  const q = new URLSearchParams(location.search);
  return { shop: q.get('shop'), version: q.get('version'), lang: q.get('in') };
};

function addressOf(doc: Doc, of: { shop: string | null; version?: string | null; lang?: string | null }): string {
  const q = new URLSearchParams();
  if (of.shop) q.set('shop', of.shop);
  if (of.version) q.set('version', of.version);
  if (of.lang) q.set('in', of.lang);
  const s = q.toString();
  return `/legal/${doc}${s && `?${s}`}`;
}

const dayOf = (ms: number): string => new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(ms);

function Facts({ text, old }: { text: LegalText; old: boolean }) {
  return (
    <p class="sm t2 legal-facts" data-testid="legal-facts">
      <span>{text.shop.name}</span> · <span>{t('version', { version: text.version })}</span>
      {text.at !== null && <> · <time dateTime={new Date(text.at).toISOString()} title={dateText(text.at)}>{t('since', { date: dayOf(text.at) })}</time></>}
      {old && <> · <b>{t('old')}</b></>}
    </p>
  );
}

interface ChooseProps {
  text: LegalText;
  move: (of: { version?: string | null; lang?: string | null }) => void;
}

function Choose({ text, move }: ChooseProps) {
  return (
    <div class="row wrap legal-tools">
      {text.langs.length > 1 && (
        <label class="fld grow"><span class="lb">{t('language')}</span>
          <select class="inp" value={text.lang} data-testid="legal-lang" onChange={(e) => move({ lang: e.currentTarget.value })}>
            {text.langs.map((l) => <option key={l} value={l} lang={htmlLang(l)}>{langNames[l]}</option>)}
          </select></label>
      )}
      {text.versions.length > 1 && (
        <label class="fld grow"><span class="lb">{t('versions')}</span>
          <select class="inp" value={text.version} data-testid="legal-version" onChange={(e) => move({ version: e.currentTarget.value })}>
            {text.versions.map((v, i) => <option key={v.version} value={v.version}>{v.version}{v.at !== null && ` · ${dayOf(v.at)}`}{i === 0 && ` · ${t('now')}`}</option>)}
          </select></label>
      )}
      <button type="button" class="btn" data-testid="legal-print" onClick={() => print()}>{t('print')}</button>
    </div>
  );
}

function Others({ doc, shop }: { doc: Doc; shop: string | null }) {
  return (
    <nav class="legal-others" aria-label={t('others')}>
      {docs.filter((d) => d !== doc).map((d) => <a key={d} class="btn" href={addressOf(d, { shop })}>{t(`doc.${d}`)}</a>)}
    </nav>
  );
}

/** `/legal/{terms,privacy,returns,imprint}`: the shop's own text, or the template until it has one. */
export function LegalPage({ which }: { which: Doc }) {
  const [text, setText] = useState<LegalText | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const [of, setOf] = useState(asked);
  const shop = of.shop ?? lastShop();
  const wanted = of.lang ? asLang(of.lang) : lang.value;
  const load = (): void => {
    setFailed(null);
    getLegal(which, { lang: wanted, shop, version: of.version }).then(setText, (e: unknown) => setFailed(asProblem(e).code));
  };
  useEffect(load, [which, wanted, shop, of.version]);
  const move = (to: { version?: string | null; lang?: string | null }): void => {
    const next = { ...of, ...to };
    setOf(next);
    go(addressOf(which, next), { replace: true });
  };
  if (failed === 'not_found') return <NotFound />;
  const newest = text?.versions[0]?.version ?? text?.version;
  return (
    <Page title={text?.title ?? t(`doc.${which}`)} testId="legal">
      {failed && !text && <ErrorBox cause={failed} retry={load} />}
      {!failed && !text && <Wait />}
      {text && (
        <>
          {!text.own && <p class="note warn no-print" data-testid="legal-template"><Icon name="info" size={18} /><span>{t('note')}</span></p>}
          <Facts text={text} old={text.version !== newest} />
          <article class="card legal" lang={htmlLang(text.lang)} data-testid="legal-text"><Markdown of={text.body_md} /></article>
          <Choose text={text} move={move} />
        </>
      )}
      <Others doc={which} shop={of.shop} />
    </Page>
  );
}
