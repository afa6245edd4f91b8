import { useEffect, useState } from 'preact/hooks';
import { asProblem, type ProblemCode } from '../api/http.ts';
import { getRequest, type PrivacyRequest } from '../api/people.ts';
import { tw } from '../people/strings.ts';
import { Page, Wait } from '../shop/page.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon } from '../ui/icon.tsx';
import { dayText } from './day.ts';
import { StaysList } from './stays.tsx';
import './style.css';

const lookEveryMs = 2000;

function Stand({ of }: { of: PrivacyRequest }) {
  const done = of.state === 'done';
  return (
    <section class="card part" data-testid="deletion" data-state={of.state}>
      <span class={`pill ${done ? 'ok' : of.state === 'failed' ? 'bad' : 'info'}`}><Icon name={done ? 'check' : of.state === 'failed' ? 'warn' : 'clock'} size={14} />{tw(`request.${of.state}`)}</span>
      <h2>{tw(done ? 'request.title.done' : 'request.title')}</h2>
      <p class="sm">{tw(of.state === 'failed' ? 'request.text.failed' : done ? 'request.text.done' : 'request.text')}</p>
      <dl class="dl"><dt class="t2">{tw('request.code')}</dt><dd class="num code-s">{of.code}</dd>
        <dt class="t2">{tw('request.at')}</dt><dd>{dayText(of.at)}</dd>
        {of.done_at !== null && <><dt class="t2">{tw('request.doneAt')}</dt><dd>{dayText(of.done_at)}</dd></>}</dl>
      {of.kind === 'erase' && <><h3>{tw('delete.stays')}</h3><StaysList of={of.stays} /></>}
    </section>
  );
}

/** `/deletion/{code}`: how far a request is, for whoever has its code. */
export function DeletionPage({ code }: { code: string }) {
  const [of, setOf] = useState<PrivacyRequest | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const look = (): void => void getRequest(code).then((r) => { setOf(r); setFailed(null); }, (e: unknown) => setFailed(asProblem(e).code));
  useEffect(look, [code]);
  const running = of?.state === 'running';
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(look, lookEveryMs);
    return () => clearInterval(timer);
  }, [running, code]);
  return (
    <Page title={tw('request.page')} testId="deletion-page">
      {of && <Stand of={of} />}
      {!of && failed && <ErrorBox cause={failed} retry={look} />}
      {!of && !failed && <Wait rows={1} />}
      <a class="btn wide" href="/">{tw('home')}</a>
    </Page>
  );
}
