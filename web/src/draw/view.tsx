import { useEffect, useState } from 'preact/hooks';
import { getProof, type Proof } from '../api/fun.ts';
import { asProblem, type ProblemCode } from '../api/http.ts';
import { Page, Wait } from '../shop/page.tsx';
import { t } from '../shop/strings.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon } from '../ui/icon.tsx';
import { check, type Result } from './check.ts';
import './style.css';

function Step({ ok, text, hash }: { ok: boolean | undefined; text: string; hash?: string | null }) {
  const tone = ok === undefined ? '' : ok ? 'ok' : 'bad';
  return (
    <li class={`step-l ${tone}`}><Icon name={ok === false ? 'close' : 'check'} size={20} />
      <div class="grow"><span>{text}</span>{hash && <code class="xs hash">{hash}</code>}</div></li>
  );
}

function Checked({ p }: { p: Proof }) {
  const [text, edit] = useState(() => p.entries.map((e) => e.id).join('\n'));
  const [r, setResult] = useState<Result | null>(null);
  useEffect(() => {
    let gone = false;
    check(p, text.split('\n').filter(Boolean)).then((x) => { if (!gone) setResult(x); }, () => undefined);
    return () => {
      gone = true;
    };
  }, [p, text]);
  const good = r !== null && r.commit && r.entries && r.winners;
  const winners = new Map(p.winners.map((w) => [w.entry, w.rank]));
  const named = p.entries.filter((e) => winners.has(e.id)).toSorted((a, b) => (winners.get(a.id) ?? 0) - (winners.get(b.id) ?? 0));
  return (
    <>
      <p class={`verdict ${r === null ? '' : good ? 'ok' : 'bad'}`} role="status" data-testid="verdict" data-good={r === null ? undefined : String(good)}>
        <Icon name={good ? 'check' : 'warn'} size={26} />{t(r === null ? 'proof.checking' : good ? 'proof.good' : 'proof.bad')}
      </p>
      <ol class="card steps">
        <Step ok={r?.commit} text={t('proof.step1')} hash={p.commit} />
        <Step ok={r?.entries} text={t('proof.step2')} hash={p.entries_hash} />
        <Step ok={r?.winners} text={t('proof.step3', { n: p.winners_n })} />
      </ol>
      <section class="card"><h2 class="sec">{t('draw.drawn')}</h2>
        <ol class="winners">{named.map((e) => <li key={e.id}><b class="num">{winners.get(e.id)}</b><span class="grow">{e.name_masked}</span><code class="xs">{e.id}</code></li>)}</ol></section>
      <section class="card">
        <h2 class="sec">{t('proof.seed')}</h2><code class="xs hash">{p.seed}</code>
        <label class="fld ents"><span class="lb">{t('proof.entries')} · {t('proof.edit')}</span>
          <textarea class="inp" rows={6} spellcheck={false} value={text} data-testid="entries" onInput={(e) => edit(e.currentTarget.value)} /></label>
      </section>
      <p class="note"><Icon name="info" size={18} /><span>{t('proof.limit')}</span></p>
    </>
  );
}

/** The proof of a draw at `/s/{show}/draw/{id}`, computed in this browser. */
export function DrawPage({ show, id }: { show: string; id: string }) {
  const [p, setProof] = useState<Proof | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const look = (): void => {
    getProof(id).then((x) => { setProof(x); setFailed(null); }, (e: unknown) => setFailed(asProblem(e).code));
  };
  useEffect(look, [id]);
  return (
    <Page title={t('proof.title')} from={`/s/${show}`} testId="draw-proof">
      <p class="t2">{t('proof.lead')}</p>
      {p && p.seed && <Checked p={p} />}
      {p && !p.seed && <div class="card"><p>{t('proof.notYet')}</p><p class="sm t2">{t('draw.commit')}</p><code class="xs hash">{p.commit}</code></div>}
      {!p && failed && <ErrorBox cause={failed} retry={look} />}
      {!p && !failed && <Wait />}
    </Page>
  );
}
