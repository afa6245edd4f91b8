import { useEffect, useState } from 'preact/hooks';
import { loadSession, session } from '../api/http.ts';
import { signOut } from '../api/sessions.ts';
import { t } from '../i18n/index.ts';
import { loadOffer } from '../people/offer.ts';
import { tw } from '../people/strings.ts';
import { troubleIn, TroubleNote } from '../people/trouble.tsx';
import { Agree, Or, useWays, Ways } from '../people/ways.tsx';
import { Icon, Logo } from '../ui/icon.tsx';
import { go, safeNext } from '../ui/route.ts';
import { roomIn } from '../ui/stay.ts';
import { useTitle } from '../ui/title.ts';
import { Forgot } from './forgot.tsx';
import { Form } from './form.tsx';
import './style.css';

type Mode = 'in' | 'up' | 'forgot';

function Already({ next }: { next: string }) {
  const name = session.value?.viewer?.name ?? '';
  return (
    <div class="signin-form">
      <p class="note ok"><Icon name="check" size={18} /><span>{t('signin.already', { name })}</span></p>
      <a class="btn pri lg wide" href={next}>{t('signin.goOn')}</a>
      <button type="button" class="btn wide" data-testid="signout" onClick={() => void signOut().catch(() => undefined)}>{t('signin.out')}</button>
    </div>
  );
}

function titleOf(mode: Mode, staff: boolean): { title: string; text: string } {
  if (mode === 'forgot') return { title: tw('forgot.title'), text: tw('forgot.text') };
  if (mode === 'up') return { title: t('signin.upTitle'), text: t('signin.upText') };
  return staff ? { title: t('signin.title'), text: t('signin.text') } : { title: t('signin.buyerTitle'), text: t('signin.buyerText') };
}

interface ComeInProps {
  mode: Mode;
  turn: (to: Mode) => void;
  next: string;
  staff: boolean;
}

function ComeIn({ mode, turn, next, staff }: ComeInProps) {
  const { here } = useWays();
  const done = (): void => go(next, { replace: true });
  if (mode === 'forgot') {
    return <><Forgot done={done} /><button type="button" class="link other" data-testid="to-in" onClick={() => turn('in')}>{t('signin.toIn')}</button></>;
  }
  return (
    <>
      <Ways next={next} out={`/signin?next=${encodeURIComponent(next)}`} done={done} />
      {here.length > 0 && mode === 'in' && <Agree />}
      {here.length > 0 && <Or text={tw(mode === 'up' ? 'signin.orUp' : 'signin.orMail')} />}
      <Form key={mode} up={mode === 'up'} done={done} forgot={() => turn('forgot')} />
      {!staff && <button type="button" class="link other" data-testid="to-up" onClick={() => turn(mode === 'up' ? 'in' : 'up')}>{t(mode === 'up' ? 'signin.toIn' : 'signin.toUp')}</button>}
    </>
  );
}

/** Where staff come in, and buyers who want their orders on every phone. Nobody needs it to buy. */
export function SignIn() {
  const query = new URLSearchParams(location.search);
  const next = safeNext(query.get('next'), '/studio');
  const staff = next.startsWith('/studio');
  const [mode, setMode] = useState<Mode>('in');
  const [trouble, setTrouble] = useState(() => troubleIn(query));
  useEffect(() => {
    void loadOffer();
    if (!session.value) loadSession().catch(() => undefined);
  }, []);
  function turn(to: Mode): void {
    setTrouble(null);
    setMode(to);
  }
  const isIn = session.value?.kind === 'account';
  const apart = isIn && trouble !== null && trouble.purpose !== 'login'; // back to what is one's own, not to a form
  const { title, text } = apart ? { title: tw('ways.title'), text: tw('ways.text') } : titleOf(mode, staff);
  useTitle(title);
  return (
    <div class="signin">
      <div class="scene" aria-hidden="true"><img src="/img/tw-mug.jpg" alt="" /></div>
      <main class="paper">
        <a class="brand" href="/"><Logo size={34} /><b>{t('app')}</b></a>
        <h1>{title}</h1>
        <p class="t2 lead">{text}</p>
        {trouble && <TroubleNote of={trouble} next={next} />}
        {isIn ? <Already next={next} /> : <ComeIn mode={mode} turn={turn} next={next} staff={staff} />}
        {roomIn(next) ? <a class="link" href={next}><Icon name="back" size={16} />{tw('signin.backToShow')}</a> : <a class="link" href="/"><Icon name="back" size={16} />{t('notFound.home')}</a>}
      </main>
    </div>
  );
}
