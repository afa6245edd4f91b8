import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asProblem, type ProblemCode } from '../../api/http.ts';
import type { Page } from '../../api/types.ts';
import { nowMs } from '../../ui/clock.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Logo } from '../../ui/icon.tsx';
import { whenText } from '../../ui/when.ts';
import { l } from '../legal/strings.ts';
import { shopSlug } from '../shops.ts';
import { listConsents, listRequests, type Consent, type Request } from './api.ts';

interface RowsProps<T> {
  ask: (cursor?: string | null) => Promise<Page<T>>;
  empty: ComponentChildren;
  row: (x: T) => ComponentChildren;
}

/** A list that is read page by page. */
function Rows<T>({ ask, empty, row }: RowsProps<T>) {
  const [all, setAll] = useState<T[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const load = (cursor?: string | null): void => {
    setFailed(null);
    ask(cursor).then((p) => {
      setAll((was) => [...(cursor ? (was ?? []) : []), ...p.items]);
      setNext(p.next);
    }, (e: unknown) => setFailed(asProblem(e).code));
  };
  useEffect(() => load(), [shopSlug.value]);
  if (failed && !all) return <ErrorBox cause={failed} retry={() => load()} />;
  if (!all) return <div class="sk line" />;
  if (all.length === 0) return <div class="empty card"><Logo size={40} />{empty}</div>;
  return (
    <section class="card"><ul class="pv-list">{all.map(row)}</ul>
      {next && <button type="button" class="btn wide morebtn" onClick={() => load(next)}>{l('more')}</button>}</section>
  );
}

const tones = { running: 'warn', done: 'ok', failed: 'bad' } as const;

function RequestRow({ r }: { r: Request }) {
  return (
    <li class="row" data-testid="request-row"><span class="grow"><b class="sm">{l(`req.${r.kind}`)} · {r.viewer.name}</b>
      <span class="xs t2">{whenText(r.at, nowMs.value)} · {l(`req.${r.source}`)}{r.orders > 0 && ` · ${l('req.orders', { n: r.orders })}`}</span><code class="xs t2">{r.code}</code></span>
      <span class={`pill ${tones[r.state]}`}>{l(`req.${r.state}`)}</span></li>
  );
}

export function Requests() {
  return <Rows<Request> ask={listRequests} row={(r) => <RequestRow key={r.code} r={r} />} empty={<><b>{l('req.none')}</b><span class="sm t2">{l('req.noneText')}</span></>} />;
}

function ConsentRow({ c }: { c: Consent }) {
  return (
    <li class="row" data-testid="consent-row"><span class="grow"><b class="sm">{c.viewer.name} · {l(`con.${c.kind}`)}</b>
      <span class="xs t2">{[whenText(c.at, nowMs.value), l(`con.${c.source}`), l('con.version', { version: c.version }), c.lang].filter(Boolean).join(' · ')}</span></span>
      {c.ref && <a class="ordlink xs num" href={`/studio/orders/${c.ref}`}>{c.ref}</a>}
      <span class={`pill ${c.granted ? 'ok' : 'warn'}`}>{l(c.granted ? 'con.granted' : 'con.withdrawn')}</span></li>
  );
}

export function Consents() {
  return <Rows<Consent> ask={listConsents} row={(c) => <ConsentRow key={`${c.at} ${c.kind} ${c.viewer.id}`} c={c} />} empty={<b>{l('con.none')}</b>} />;
}
