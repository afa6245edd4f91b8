import { t } from '../shop/strings.ts';
import { Sheet } from '../ui/sheet.tsx';
import type { RoomCtrl } from './ctrl.ts';

/** The show wants accounts: says so, and leads to where one signs in. The picture comes along. */
export function LoginSheet({ ctrl }: { ctrl: RoomCtrl }) {
  return (
    <Sheet title={t('login.title')} close={() => { ctrl.panel.value = null; }} testId="login-sheet">
      <p class="t2">{t('login.text')}</p>
      <a class="btn pri wide lg login-go" href={`/signin?next=${encodeURIComponent(`/s/${ctrl.id}`)}`}>{t('login.go')}</a>
    </Sheet>
  );
}
