import { useEffect, useState } from 'preact/hooks';
import { asProblem, session, type Problem, type ProblemCode } from '../api/http.ts';
import { exportFile, getExport, listConsents, listExports, setConsent, startExport, type Consent, type Export } from '../api/people.ts';
import { lang } from '../i18n/index.ts';
import { timeOfDay } from '../i18n/format.ts';
import { tw, type PeopleKey } from '../people/strings.ts';
import { formFault } from '../signin/check.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toast.tsx';
import { dayText } from './day.ts';
import { DeleteMe } from './delete.tsx';
import { ProofSheet, useProof, type Proof } from './proof.tsx';
import { Tab } from './tab.tsx';
import '../ui/switch.css';
import './style.css';

const lookEveryMs = 1500;

const sizeText = (bytes: number): string => (bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

/** The newest copy of one's data, followed while it is being made. */
function useExport(): { now: Export | null; begin: (e: Export) => void } {
  const [now, setNow] = useState<Export | null>(null);
  useEffect(() => {
    listExports().then((all) => setNow((n) => n ?? all.items[0] ?? null), () => undefined);
  }, []);
  useEffect(() => {
    if (now?.state !== 'running') return undefined;
    const timer = setInterval(() => void getExport(now.id).then(setNow, () => undefined), lookEveryMs);
    return () => clearInterval(timer);
  }, [now?.id, now?.state]);
  return { now, begin: setNow };
}

function exportWrong(p: Problem): string {
  if (p.code === 'limit') return tw('export.limit');
  return p.code === 'conflict' ? tw('export.running') : formFault(p);
}

function Copy({ proof }: { proof: Proof }) {
  const { now, begin } = useExport();
  const start = (): void => void proof.run(async () => begin(await startExport()), (p) => toast(exportWrong(p), 'bad'));
  const running = now?.state === 'running';
  return (
    <section class="card part">
      <h2>{tw('export.title')}</h2>
      <p class="sm t2">{tw('export.text')}</p>
      {now?.state === 'ready' && (
        <p class="note ok"><Icon name="check" size={18} /><span>{tw('export.ready', { day: dayText(now.at), time: timeOfDay(now.expires_at), until: dayText(now.expires_at) })}</span></p>
      )}
      {now?.state === 'failed' && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{tw('export.failed')}</span></p>}
      {running && <div class="busy-line" role="status"><i class="bar" /><span class="sm t2">{tw('export.making')}</span></div>}
      {now?.state === 'ready' && (
        <a class="btn pri wide" href={exportFile(now.id)} download data-testid="export-file"><Icon name="download" size={18} />{tw('export.file', { size: sizeText(now.bytes ?? 0) })}</a>
      )}
      <button type="button" class="btn wide" data-testid="export-start" aria-disabled={running} onClick={() => { if (!running) start(); }}>{tw(now ? 'export.again' : 'export.start')}</button>
    </section>
  );
}

const kinds: Record<string, PeopleKey> = {
  terms: 'consent.terms', privacy: 'consent.privacy', marketing: 'consent.marketing', withdrawal_notice: 'consent.withdrawal_notice', exempt_notice: 'consent.exempt_notice',
};
const docs: Record<string, string> = { terms: '/legal/terms', privacy: '/legal/privacy', withdrawal_notice: '/legal/returns' };

function ConsentRow({ of }: { of: Consent }) {
  const key = kinds[of.kind];
  const name = key ? tw(key) : of.kind;
  const doc = docs[of.kind];
  return (
    <li class="own-row"><span class="grow"><b>{doc ? <a class="doc" href={`${doc}?version=${encodeURIComponent(of.version)}`}>{name}</a> : name}</b>
      <span class="xs t2 blk-l">{tw(of.granted ? 'consent.yes' : 'consent.no', { day: dayText(of.at), version: of.version })}{of.shop && ` · ${of.shop}`}{of.ref && ` · ${of.ref}`}</span></span></li>
  );
}

function Consents() {
  const [all, setAll] = useState<Consent[] | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const look = (): void => void listConsents().then((c) => { setAll(c.items); setFailed(null); }, (e: unknown) => setFailed(asProblem(e).code));
  useEffect(look, []);
  if (failed && !all) return <ErrorBox cause={failed} retry={look} />;
  const now = all?.filter((c) => c.current) ?? [];
  const earlier = all?.filter((c) => !c.current) ?? [];
  const news = now.find((c) => c.kind === 'marketing')?.granted ?? false;
  const turn = (): void => void setConsent('marketing', !news, lang.value).then((c) => setAll(c.items), (e: unknown) => toast(formFault(asProblem(e)), 'bad'));
  return (
    <section class="card part" data-testid="me-consents">
      <h2>{tw('consent.title')}</h2>
      <button type="button" class="mrow" role="switch" aria-checked={news} data-testid="consent-marketing" onClick={turn}>
        <span class="ml">{tw('consent.marketing')}<small>{tw('consent.marketingText')}</small></span><i class="knob" />
      </button>
      <ul class="own">{now.filter((c) => c.kind !== 'marketing').map((c) => <ConsentRow key={`${c.kind} ${c.at}`} of={c} />)}</ul>
      {earlier.length > 0 && (
        <details><summary>{tw('consent.earlier', { n: earlier.length })}</summary><ul class="own">{earlier.map((c, i) => <ConsentRow key={i} of={c} />)}</ul></details>
      )}
      <p class="xs t2">{tw('consent.cookies')}</p>
    </section>
  );
}

/** `/me/data`: a copy of everything, what was agreed to, and the way out for good. */
export function DataPage() {
  const proof = useProof();
  return (
    <Tab title={tw('tab.data')} testId="me-data" guests>
      {session.value?.viewer && <><Copy proof={proof} /><Consents /><DeleteMe proof={proof} /></>}
      <ProofSheet proof={proof} />
    </Tab>
  );
}
