import { useEffect, useState } from 'preact/hooks';
import { asProblem, loadSession, session, type ProblemCode } from '../api/http.ts';
import { dropIdentity, endDevice, endOthers, listDevices, listIdentities, setPassword, startFor, type Device, type Identity, type Provider, type WaysIn } from '../api/people.ts';
import { t as tv } from '../i18n/index.ts';
import { leaveFor } from '../people/enter.ts';
import { Mark } from '../people/marks.tsx';
import { labelOf } from '../people/offer.ts';
import { tw } from '../people/strings.ts';
import { useWays } from '../people/ways.tsx';
import { Wait } from '../shop/page.tsx';
import { formFault, passwordFault, refusedPassword } from '../signin/check.ts';
import { PasswordField } from '../signin/fields.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon } from '../ui/icon.tsx';
import { path } from '../ui/route.ts';
import { Sheet } from '../ui/sheet.tsx';
import { toast } from '../ui/toast.tsx';
import { agoText, dayText } from './day.ts';
import { ProofSheet, useProof, type Proof } from './proof.tsx';
import { Tab } from './tab.tsx';
import './style.css';

const nameOf = (provider: string): string => (provider === 'email' ? tw('way.email') : labelOf(provider));

function Row({ of, drop }: { of: Identity; drop: () => void }) {
  const who = of.email ?? of.name;
  return (
    <li class="own-row" data-testid="identity-row">
      <span class="own-mark"><Mark of={of.provider} /></span>
      <span class="grow"><b>{nameOf(of.provider)}</b>{who && <span class="sm blk-l who">{who}</span>}<span class="xs t2 blk-l">{of.last_used_at ? tw('way.used', { day: dayText(of.last_used_at) }) : tw('way.since', { day: dayText(of.linked_at) })}</span></span>
      {of.removable
        ? <button type="button" class="btn s" data-testid={`unlink-${of.provider}`} aria-label={tw('way.unlinkOf', { label: nameOf(of.provider) })} onClick={drop}>{tw('way.unlink')}</button>
        : <span class="xs t2 last">{tw('way.last')}</span>}
    </li>
  );
}

interface UnlinkProps {
  of: Identity;
  /** What would be left is an address without a password: here is how to set one first. */
  bare: (() => void) | null;
  close: () => void;
  go: () => void;
}

function Unlink({ of, bare, close, go }: UnlinkProps) {
  const label = nameOf(of.provider);
  return (
    <Sheet title={tw('unlink.title', { label })} close={close} testId="unlink-sheet">
      <p class="t2">{tw('unlink.text', { label })}</p>
      {bare && <p class="note warn under"><Icon name="warn" size={18} /><span>{tw('unlink.bare')}</span></p>}
      <div class="stack-b">
        {bare && <button type="button" class="btn pri lg wide" data-testid="unlink-password" onClick={bare}>{tw('password.first')}</button>}
        <button type="button" class={bare ? 'btn lg wide' : 'btn pri lg wide'} data-testid="unlink-go" onClick={go}>{tw('way.unlink')}</button>
        <button type="button" class="btn wide" onClick={close}>{tw('keep')}</button>
      </div>
    </Sheet>
  );
}

function Link({ p, proof }: { p: Provider; proof: Proof }) {
  const link = (): void => void proof.run(async () => leaveFor((await startFor(p.name, 'link', `${path.value}?linked=${p.name}`)).url), (e) => toast(formFault(e), 'bad'));
  return (
    <li class="own-row">
      <span class="own-mark"><Mark of={p.name} /></span><span class="grow t2">{p.label}</span>
      <button type="button" class="btn s" data-testid={`link-${p.name}`} aria-label={tw('way.linkOf', { label: p.label })} onClick={link}>{tw('way.link')}</button>
    </li>
  );
}

/** Says that a link has come about, once, and takes the mark off the address. The mark alone proves nothing: the list does. */
function useLinked(all: WaysIn | null): void {
  useEffect(() => {
    const here = new URL(location.href);
    const name = here.searchParams.get('linked');
    if (!name || !all) return;
    here.searchParams.delete('linked');
    history.replaceState(history.state, '', here.pathname + here.search);
    if (all.items.some((i) => i.provider === name)) toast(tw('way.linked', { label: labelOf(name) }), 'ok');
  }, [all]);
}

function WaysInList({ proof }: { proof: Proof }) {
  const { here } = useWays();
  const [all, setAll] = useState<WaysIn | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const [going, setGoing] = useState<Identity | null>(null);
  const [setting, setSetting] = useState(false);
  const look = (): void => void listIdentities().then((w) => { setAll(w); setFailed(null); }, (e: unknown) => setFailed(asProblem(e).code));
  useLinked(all);
  useEffect(look, []);
  if (failed && !all) return <ErrorBox cause={failed} retry={look} />;
  if (!all) return <Wait rows={2} />;
  const drop = (of: Identity): void => {
    setGoing(null);
    void proof.run(async () => {
      await dropIdentity(of.id);
      toast(tw('unlink.done', { label: nameOf(of.provider) }), 'ok');
      look();
    }, (p) => { toast(p.code === 'conflict' ? tw('way.last') : formFault(p), 'bad'); look(); });
  };
  const bare = !all.password && all.items.every((i) => i === going || i.provider === 'email');
  const more = here.filter((p) => !all.items.some((i) => i.provider === p.name));
  return (
    <section data-testid="me-identities">
      <h2 class="sec">{tw('ways.title')}</h2>
      <ul class="card own">
        {all.items.map((i) => <Row key={i.id} of={i} drop={() => setGoing(i)} />)}
        {more.map((p) => <Link key={p.name} p={p} proof={proof} />)}
        <li class="own-row"><span class="own-mark"><Icon name="lock" size={22} /></span><span class="grow"><b>{tv('signin.password')}</b><span class="xs t2 blk-l">{tw(all.password ? 'password.set' : 'password.none')}</span></span>
          <button type="button" class="btn s" data-testid="password-change" onClick={() => setSetting(true)}>{tw(all.password ? 'password.change' : 'password.make')}</button></li>
      </ul>
      <p class="xs t2 under">{tw('ways.text')}</p>
      {going && <Unlink of={going} bare={bare ? () => { setGoing(null); setSetting(true); } : null} close={() => setGoing(null)} go={() => drop(going)} />}
      {setting && <NewPassword first={!all.password} proof={proof} close={() => setSetting(false)} done={() => { setSetting(false); toast(tw('password.done'), 'ok'); look(); }} />}
    </section>
  );
}

interface NewPasswordProps {
  first: boolean;
  proof: Proof;
  close: () => void;
  done: () => void;
}

function NewPassword({ first, proof, close, done }: NewPasswordProps) {
  const [fault, setFault] = useState<string | undefined>();
  function submit(e: SubmitEvent): void {
    e.preventDefault();
    const password = String(new FormData(e.currentTarget as HTMLFormElement).get('password') ?? '');
    const bad = passwordFault(password, true);
    if (bad) return setFault(bad);
    void proof.run(async () => {
      await setPassword(password);
      done();
    }, (p) => setFault(p.code === 'conflict' ? tw('password.needMail') : p.code === 'input' ? refusedPassword(password) : formFault(p)));
  }
  if (proof.asked.value) return null; // one sheet at a time: this one is there again after it
  return (
    <Sheet title={tw(first ? 'password.first' : 'password.title')} close={close} testId="password-sheet">
      <form class="proof-form" onSubmit={submit} noValidate>
        <PasswordField fault={fault} fresh testId="new-password" label={tw('forgot.newPassword')} />
        <p class="xs t2">{tw('password.text')}</p>
        <button type="submit" class="btn pri lg wide" data-testid="password-save">{tw('save')}</button>
      </form>
    </Sheet>
  );
}

const isPhone = (device: string): boolean => /iPhone|iPad|Android/.test(device);

function DeviceRow({ of, end }: { of: Device; end: () => void }) {
  return (
    <li class="own-row" data-testid="session-row" data-current={of.current || undefined}>
      <span class="own-mark"><Icon name={isPhone(of.device) ? 'mobile' : 'screen'} size={22} /></span>
      <span class="grow"><b>{of.device || tw('devices.unknown')}</b>{of.current && <span class="pill ok">{tw('devices.this')}</span>}
        <span class="xs t2 blk-l">{of.current ? tw('devices.since', { day: dayText(of.created_at) }) : tw('devices.seen', { when: agoText(of.seen_at) })}{of.provider && ` · ${nameOf(of.provider)}`}</span></span>
      <button type="button" class="btn s" data-testid="session-end" aria-label={tw('devices.endOf', { device: of.device || tw('devices.unknown') })} onClick={end}>{tw('devices.end')}</button>
    </li>
  );
}

function Devices() {
  const [all, setAll] = useState<Device[] | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const look = (): void => void listDevices().then((d) => { setAll(d.items); setFailed(null); }, (e: unknown) => setFailed(asProblem(e).code));
  useEffect(look, []);
  if (failed && !all) return <ErrorBox cause={failed} retry={look} />;
  if (!all) return <Wait rows={2} />;
  const wrong = (e: unknown): void => { toast(formFault(asProblem(e)), 'bad'); look(); };
  const end = async (d: Device): Promise<void> => {
    await endDevice(d.id);
    if (d.current) {
      session.value = null;
      await loadSession();
      return;
    }
    toast(tw('devices.ended'), 'ok');
    look();
  };
  const others = (): void => void endOthers().then(() => { toast(tw('devices.othersEnded'), 'ok'); look(); }, wrong);
  return (
    <section>
      <h2 class="sec">{tw('devices.title')}</h2>
      <ul class="card own">{all.map((d) => <DeviceRow key={d.id} of={d} end={() => void end(d).catch(wrong)} />)}</ul>
      {all.length > 1 && <button type="button" class="btn wide under" data-testid="sessions-end-others" onClick={others}><Icon name="out" size={18} />{tw('devices.endOthers')}</button>}
      <p class="xs t2 under">{tw('devices.text')}</p>
    </section>
  );
}

/** `/me/security`: ways to sign in, and where one is signed in. */
export function SecurityPage() {
  const proof = useProof();
  return (
    <Tab title={tw('tab.security')} testId="me-security">
      <WaysInList proof={proof} />
      <Devices />
      <ProofSheet proof={proof} />
    </Tab>
  );
}
