import { t } from '../strings.ts';
import { Lines, Say } from './chat.tsx';
import type { ShowCtrl } from './ctrl.ts';
import { Held } from './held.tsx';

/** The room's talk on a page that has other things too: while viewers wait, and in the replay. */
export function TalkCard({ ctrl, open }: { ctrl: ShowCtrl; open: boolean }) {
  return (
    <section class="card flat talkcard" aria-labelledby="h-talk" data-testid="talk">
      <h2 class="sec" id="h-talk">{t('chat.title')}</h2>
      <Held ctrl={ctrl} />
      <Lines ctrl={ctrl} />
      {open && <Say ctrl={ctrl} />}
    </section>
  );
}
