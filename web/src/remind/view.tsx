import { useEffect, useState } from 'preact/hooks';
import { session } from '../api/http.ts';
import type { Show } from '../api/types.ts';
import { lang } from '../i18n/index.ts';
import { pick } from '../i18n/format.ts';
import { offerInstall } from '../pwa/install.ts';
import { ta } from '../pwa/strings.ts';
import { addIcons, Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toast.tsx';
import { prepare, RemindCtrl } from './ctrl.ts';
import './style.css';

addIcons({
  bell: 'M6 16.500V11a6 6 0 0112 0v5.500l1.500 1.500h-15L6 16.500zM10 20.500h4',
  cal: 'M4 6h16v14H4zM4 10.500h16M8 3.500V7M16 3.500V7',
});

/** Set, and the app would bring it: the moment to say that there is one. */
const offerAfterMs = 1500;

function useReminder(show: string): RemindCtrl {
  const [ctrl] = useState(() => new RemindCtrl(show));
  const who = session.value?.viewer?.id ?? null;
  useEffect(() => void ctrl.look(), [ctrl, who]);
  useEffect(prepare, []);
  return ctrl;
}

async function press(ctrl: RemindCtrl, tell: boolean): Promise<void> {
  const was = ctrl.on.value;
  await ctrl.press();
  if (was && !ctrl.on.value) toast(ta('remind.off'));
  else if (tell && ctrl.says.value) toast(ta(ctrl.says.value), ctrl.refused.value ? 'plain' : 'ok');
  if (ctrl.on.value || ctrl.refused.value === 'install') setTimeout(offerInstall, offerAfterMs);
}

const calendar = (show: string): string => `/api/v1/shows/${show}/calendar.ics?lang=${lang.value}`;

interface RemindProps {
  show: Show;
  /** A card has room for one button; what there is to say is said in a toast. */
  card?: boolean;
}

/** Remind me: by message, by mail or by the calendar, and always with the word which it is. */
export function Remind({ show, card = false }: RemindProps) {
  const ctrl = useReminder(show.id);
  const title = pick(show.title).text;
  const on = ctrl.on.value;
  const left = ctrl.refused.value !== null && ctrl.refused.value !== 'failed';
  if (show.state !== 'scheduled' || show.starts_at === null) return null;
  if (card && left) {
    return (
      <a class="icb remind-i" href={calendar(show.id)} download data-testid="remind-ics" aria-label={ta('remind.icsName', { title })}><Icon name="cal" size={22} /></a>
    );
  }
  if (card) {
    return (
      <button type="button" class="icb remind-i" aria-pressed={on} aria-busy={ctrl.busy.value} aria-label={ta('remind.name', { title })}
        data-testid="remind" onClick={() => void press(ctrl, true)}><Icon name={on ? 'check' : 'bell'} size={22} /></button>
    );
  }
  return (
    <div class="remind">
      <div class="remind-acts">
        <button type="button" class={`btn${left || on ? '' : ' warmth'}`} aria-pressed={on} aria-busy={ctrl.busy.value} data-testid="remind" data-on={on || undefined}
          onClick={() => void press(ctrl, false)}><Icon name={on ? 'check' : 'bell'} />{ta(on ? 'remind.set' : 'remind.go')}</button>
        <a class={`btn${left ? ' warmth' : ''}`} href={calendar(show.id)} download data-testid="remind-ics"><Icon name="cal" />{ta('remind.ics')}</a>
      </div>
      <p class="remind-says" role="status" data-testid="remind-says" data-why={ctrl.refused.value ?? undefined}>{ctrl.says.value && ta(ctrl.says.value)}</p>
    </div>
  );
}
