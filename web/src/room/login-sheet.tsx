import { t } from '../i18n/index.ts';
import { session } from '../api/http.ts';
import { keepBack } from '../people/back.ts';
import { tw } from '../people/strings.ts';
import { Agree, Or, useWays, Ways } from '../people/ways.tsx';
import { t as buy } from '../shop/strings.ts';
import { Icon } from '../ui/icon.tsx';
import { Sheet } from '../ui/sheet.tsx';
import type { RoomCtrl } from './ctrl.ts';
import { NameForm } from './name-sheet.tsx';

interface SignInSheetProps {
  ctrl: RoomCtrl;
  /** A name alone is enough here. */
  guests: boolean;
}

function Draft({ text }: { text: string }) {
  return (
    <div class="draft"><Icon name="chat" size={18} />
      <span class="grow"><span class="xs t2">{t('name.kept')}</span><b>{text}</b></span>
    </div>
  );
}

/** By e-mail, on a page of its own; the picture comes along. */
function ByMail({ next, leaving, lone }: { next: string; leaving: () => void; lone: boolean }) {
  const href = `/signin?next=${encodeURIComponent(next)}`;
  return <a class={lone ? 'btn pri wide lg login-go' : 'link staff-link'} href={href} data-testid="login-email" onClick={leaving}>{!lone && <Icon name="mail" size={18} />}{lone ? buy('login.go') : tw('sheet.mail')}</a>;
}

/** Who are you: by a provider, by e-mail, or a name for tonight where that will do. The picture plays on, the draft stays. */
export function SignInSheet({ ctrl, guests }: SignInSheetProps) {
  const { here } = useWays();
  const close = (): void => { ctrl.panel.value = null; };
  const next = `/s/${ctrl.id}`;
  const draft = ctrl.draft.value.trim();
  const leaving = (): void => keepBack(ctrl.id, draft);
  if (session.value?.kind === 'account') return <Sheet title={tw('sheet.rename')} close={close} testId="signin-sheet"><NameForm ctrl={ctrl} first /></Sheet>;
  const many = here.length > 0;
  const toClaim = !guests && !draft && ctrl.mute.value.why !== 'members';
  const title = toClaim ? buy('login.title') : !guests || many ? tw(draft ? 'sheet.toSend' : 'sheet.title') : t('name.title');
  return (
    <Sheet title={title} close={close} testId="signin-sheet">
      {draft && <Draft text={draft} />}
      {toClaim && <p class="t2">{buy('login.text')}</p>}
      <Ways next={next} draft={draft} leaving={leaving} />
      {guests && many && <Or text={tw('sheet.orName')} />}
      {guests && <NameForm ctrl={ctrl} first={!many} />}
      <ByMail next={next} leaving={leaving} lone={!guests && !many} />
      {many && <Agree />}
    </Sheet>
  );
}
