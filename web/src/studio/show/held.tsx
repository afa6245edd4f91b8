import type { Message } from '../../api/types.ts';
import { Icon } from '../../ui/icon.tsx';
import { langAttr } from '../../ui/words.tsx';
import { t } from '../strings.ts';
import { wide } from '../wide.ts';
import type { ShowCtrl } from './ctrl.ts';

function Row({ ctrl, m }: { ctrl: ShowCtrl; m: Message }) {
  return (
    <li class="rvr" data-testid="held" data-message={m.id}>
      <span class="grow sm"><b>{m.name}</b> <span {...langAttr(m.lang)}>{m.text}</span></span>
      <button type="button" class="btn s okb" aria-label={t('held.showOf', { name: m.name })} data-testid="held-show" onClick={() => void ctrl.setMessage(m.id, 'shown')}><Icon name="check" size={18} /></button>
      <button type="button" class="btn s" aria-label={t('held.hideOf', { name: m.name })} data-testid="held-hide" onClick={() => void ctrl.setMessage(m.id, 'hidden')}><Icon name="close" size={18} /></button>
    </li>
  );
}

/** Messages with a blocked word in them: nobody sees them until someone says yes. */
export function Held({ ctrl }: { ctrl: ShowCtrl }) {
  const held = ctrl.desk.held.value;
  const most = wide.value ? 3 : 2;
  if (held.length === 0 || !ctrl.moderates.value) return null;
  return (
    <section class="rv" aria-label={t('held.title')} data-testid="held-queue">
      <div class="row sm b"><Icon name="info" size={18} />{t('held.title')} <span class="num">{held.length}</span><span class="end xs t2">{t('held.hint')}</span></div>
      <ul class={held.length > most ? 'many' : ''} tabIndex={held.length > most ? 0 : undefined}>{held.map((m) => <Row key={m.id} ctrl={ctrl} m={m} />)}</ul>
    </section>
  );
}
