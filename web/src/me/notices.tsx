import { useEffect, useState } from 'preact/hooks';
import { session } from '../api/http.ts';
import { getMe } from '../api/people.ts';
import type { Me } from '../api/types.ts';
import { tw } from '../people/strings.ts';
import { appReady } from '../pwa/strings.ts';
import { PushSwitch } from '../push/view.tsx';
import { Wait } from '../shop/page.tsx';
import { Icon } from '../ui/icon.tsx';
import { Tab } from './tab.tsx';
import './style.css';

/** Where letters go: only to an address that has answered. */
function Mail() {
  const [me, setMe] = useState<Me | null>(null);
  const isAccount = session.value?.kind === 'account';
  useEffect(() => {
    if (isAccount) getMe().then(setMe, () => undefined);
  }, [isAccount]);
  if (!isAccount) return <p class="sm t2">{tw('notices.guest')}</p>;
  if (!me) return <Wait rows={1} />;
  const proved = Boolean(me.email && me.email_verified);
  return (
    <div class="own-row"><span class="own-mark"><Icon name="mail" size={22} /></span>
      <span class="grow"><b>{tw('notices.mail')}</b><span class="sm t2 blk-l">{proved ? tw('notices.mailTo', { email: me.email ?? '' }) : tw(me.email ? 'notices.mailOpen' : 'notices.mailNone')}</span></span>
      {!proved && <a class="btn s" href="/me/profile" data-testid="notices-mail">{tw(me.email ? 'notices.confirm' : 'notices.add')}</a>}
    </div>
  );
}

/** `/me/notices`: what is told outside the page, and where. */
export function NoticesPage() {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    appReady().then(() => setReady(true), () => undefined);
  }, []);
  return (
    <Tab title={tw('tab.notices')} testId="me-notices" guests>
      <section class="card own">{ready ? <PushSwitch label={tw('notices.push')} /> : <Wait rows={1} />}</section>
      <section class="card own"><Mail /></section>
      <p class="xs t2 under">{tw('notices.text')}</p>
    </Tab>
  );
}
