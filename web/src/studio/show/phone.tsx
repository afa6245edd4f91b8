import { count } from '../../i18n/format.ts';
import { Icon, Logo, type IconName } from '../../ui/icon.tsx';
import { Words } from '../../ui/words.tsx';
import { ReviewQueue } from '../sale/claims.tsx';
import { Code } from '../sale/code.tsx';
import { dealRuns } from '../sale/ctrl.ts';
import { Figures } from '../sale/figures.tsx';
import { DealClock, LeftMark, leftOf, RunList } from '../sale/run.tsx';
import { copy, roomUrl } from '../say.ts';
import { t } from '../strings.ts';
import type { Tab } from '../types.ts';
import { Lines, Say } from './chat.tsx';
import { AirMark, LinkNote, Timer } from './console.tsx';
import type { ShowCtrl } from './ctrl.ts';
import { gradeAll } from './health.ts';
import { Held } from './held.tsx';
import { Numbers } from './numbers.tsx';
import { Preview } from './preview.tsx';
import { Rules } from './rules.tsx';
import { Signal } from './signal.tsx';
import '../sale/style.css';

const tabs: [Tab, IconName][] = [['chat', 'chat'], ['run', 'list'], ['picture', 'video'], ['signal', 'signal'], ['rules', 'shield']];

function Top({ ctrl }: { ctrl: ShowCtrl }) {
  const show = ctrl.show.value;
  if (!show) return null;
  const pinned = ctrl.pinned.value?.text;
  return (
    <header class="mh" data-ground="room">
      <div class="row">
        <a class="icb" href="/studio" aria-label={t('console.back')} data-testid="back"><Logo size={28} /></a>
        <div class="grow"><h1 class="cut"><Words of={show.title} /></h1><span class="xs t2"><Timer ctrl={ctrl} /> · <Icon name="eye" size={14} /> <b class="num" data-testid="viewers-now">{count(ctrl.viewers.value.now)}</b></span></div>
        <AirMark ctrl={ctrl} />
      </div>
      <PinnedRow ctrl={ctrl} />
      {ctrl.moderates.value && (
        <div class="row mhacts">
          <button type="button" class="btn s dk grow" data-testid="announce" onClick={() => { ctrl.panel.value = { is: 'announce' }; }}>
            <Icon name="mega" size={18} /><span class="cut">{pinned ?? t('announce.open')}</span>
          </button>
          {pinned && <button type="button" class="btn s dk x" aria-label={t('announce.remove')} data-testid="unpin" onClick={() => void ctrl.pin(null)}><Icon name="close" size={18} /></button>}
        </div>
      )}
    </header>
  );
}

/** What is up, and what can be done with it in one tap. */
function PinnedRow({ ctrl }: { ctrl: ShowCtrl }) {
  const { sale } = ctrl;
  const now = sale.current.value;
  const next = sale.next.value;
  if (!ctrl.runs.value && !now) return null;
  return (
    <div class="mpin">
      {now && <p class="row"><Code code={now.code} /><b class="cut grow"><Words of={now.title} /></b><DealClock listing={now} /><span class="sm"><LeftMark left={leftOf(now)} /></span></p>}
      {ctrl.runs.value && (
        <div class="row mhacts">
          {next && <button type="button" class="btn s warmth grow" data-testid="pin-next" onClick={() => void sale.pinNext()}><Icon name="pin" size={18} /><span class="cut">{t('run.pinNext', { code: next.code })}</span></button>}
          {now && <button type="button" class="btn s dk" aria-label={t(now.claim_open ? 'run.close' : 'run.openClaims')} data-testid="claim-window" onClick={() => void sale.toggleWindow()}><Icon name={now.claim_open ? 'stop' : 'play'} size={18} /></button>}
          {now && <button type="button" class="btn s dk" aria-label={t('deal.open2')} data-testid="deal-open" onClick={() => { sale.panel.value = { is: dealRuns(now) ? 'listing' : 'deal', listing: now.id }; }}><Icon name="bolt" size={18} /></button>}
          <button type="button" class="btn s dk" aria-label={t('gift.open')} data-testid="gift-open" onClick={() => { ctrl.panel.value = { is: 'gift' }; }}><Icon name="gift" size={18} /></button>
        </div>
      )}
    </div>
  );
}

function PictureTab({ ctrl }: { ctrl: ShowCtrl }) {
  return (
    <div class="mbody pic" tabIndex={0} role="group" aria-label={t('tab.picture')}>
      <Preview ctrl={ctrl} />
      <div class="card"><Numbers ctrl={ctrl} /><Figures ctrl={ctrl.sale} /></div>
      <button type="button" class="btn wide" data-testid="copy-link" onClick={() => void copy(roomUrl(ctrl.id), t('copy.link'))}><Icon name="share" />{t('ready.share')}</button>
      {ctrl.runs.value && <button type="button" class="btn wide danger" data-testid="end-show" onClick={() => { ctrl.panel.value = { is: 'end' }; }}>{t('end.open')}</button>}
    </div>
  );
}

function Body({ ctrl }: { ctrl: ShowCtrl }) {
  switch (ctrl.tab.value) {
    case 'picture':
      return <PictureTab ctrl={ctrl} />;
    case 'run':
      return <div class="mrun"><RunList ctrl={ctrl.sale} edits={ctrl.runs.value} /></div>;
    case 'signal':
      return <div class="mbody" tabIndex={0} role="group" aria-label={t('tab.signal')}><Signal ctrl={ctrl} /></div>;
    case 'rules':
      return <div class="mbody"><Rules ctrl={ctrl} /></div>;
    default:
      return <><Lines ctrl={ctrl} /><ReviewQueue ctrl={ctrl.sale} /><Held ctrl={ctrl} /><Say ctrl={ctrl} /></>;
  }
}

function tabMark(ctrl: ShowCtrl, tab: Tab): string | null {
  const waiting = ctrl.desk.held.value.length + ctrl.sale.reviews.value.length;
  if (tab === 'chat' && ctrl.tab.value !== 'chat' && waiting > 0) return String(waiting);
  const grade = gradeAll(ctrl.health.value);
  return tab === 'signal' && (grade === 'warn' || grade === 'bad') ? '!' : null;
}

/** On air, in one hand: talk first, everything else one tap away. */
export function Phone({ ctrl }: { ctrl: ShowCtrl }) {
  return (
    <main class="studio mod" data-testid="console">
      <Top ctrl={ctrl} />
      <LinkNote ctrl={ctrl} />
      <Body ctrl={ctrl} />
      <nav class="tabs" aria-label={t('phone.tabs')}>
        {tabs.map(([tab, icon]) => {
          const mark = tabMark(ctrl, tab);
          return (
            <button key={tab} type="button" class={ctrl.tab.value === tab ? 'on' : ''} aria-current={ctrl.tab.value === tab ? 'page' : undefined} data-testid={`tab-${tab}`}
              onClick={() => { ctrl.tab.value = tab; }}><Icon name={icon} /><span>{t(`tab.${tab}`)}</span>{mark && <b class="num bdg">{mark}</b>}</button>
          );
        })}
      </nav>
    </main>
  );
}
