import type { Show } from '../../api/types.ts';
import { count } from '../../i18n/format.ts';
import { clockText, nowMs } from '../../ui/clock.ts';
import { Icon, Logo } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { Words } from '../../ui/words.tsx';
import { Cover } from '../cover.tsx';
import { Frame, Head } from '../frame.tsx';
import { StateMark, timeText } from '../list/view.tsx';
import { copy, roomUrl } from '../say.ts';
import { t } from '../strings.ts';
import type { ShowCtrl } from './ctrl.ts';
import { TalkCard } from './talk.tsx';

function Figures({ ctrl, show }: { ctrl: ShowCtrl; show: Show }) {
  const ran = show.duration_ms ?? (show.live_started_at !== null && show.ended_at !== null ? show.ended_at - show.live_started_at : null);
  const figures: [string, string][] = [
    [t('over.length'), ran === null ? '–' : clockText(ran)],
    [t('over.peak'), count(Math.max(show.viewers.peak, ctrl.viewers.value.peak))],
    [t('over.likes'), count(ctrl.likes.value)],
  ];
  return <dl class="kpis">{figures.map(([k, v]) => <div key={k} class="kpi"><dt>{k}</dt><dd class="num">{v}</dd></div>)}</dl>;
}

function Working() {
  return (
    <section class="card overcard" data-testid="recording">
      <Logo size={44} />
      <div class="grow"><h2 class="sec">{t('over.workTitle')}</h2><p class="sm t2" role="status">{t('over.workText')}</p></div>
      <span class="busybar" aria-hidden="true" />
    </section>
  );
}

function Replay({ ctrl, show }: { ctrl: ShowCtrl; show: Show }) {
  const url = roomUrl(show.id);
  return (
    <section class="card overcard" data-testid="replay">
      <Cover show={show} big />
      <div class="grow stack">
        <h2 class="sec">{t(show.state === 'archived' ? 'over.archivedTitle' : 'over.replayTitle')}</h2>
        <p class="sm t2">{t(show.state === 'archived' ? 'over.archivedText' : 'over.replayText')}</p>
        <input class="inp" readOnly value={url} aria-label={t('over.link')} data-testid="replay-link" onFocus={(e) => e.currentTarget.select()} />
        <div class="row wrap">
          <button type="button" class="btn pri" data-testid="copy-link" onClick={() => void copy(url, t('copy.link'))}><Icon name="copy" size={18} />{t('over.copy')}</button>
          <a class="btn" href={`/s/${show.id}`} data-testid="open-room"><Icon name="play" size={18} />{t('over.watch')}</a>
          {show.state === 'replay_ready' && ctrl.archives.value && <button type="button" class="btn ghost" data-testid="archive-show" onClick={() => { ctrl.panel.value = { is: 'archive' }; }}>{t('archive.open')}</button>}
        </div>
      </div>
    </section>
  );
}

function Cancelled() {
  return <section class="card empty" data-testid="cancelled"><Logo size={40} /><b>{t('over.cancelledTitle')}</b><span class="sm t2">{t('over.cancelledText')}</span></section>;
}

/** After the show: what it was, and where to watch it again. */
export function Over({ ctrl }: { ctrl: ShowCtrl }) {
  const show = ctrl.show.value;
  if (!show) return null;
  return (
    <Frame at="show" bar={false}>
      <Head title={<Words of={show.title} />} sub={<>{timeText(show, nowMs.value)} · {show.host_name || show.shop.name}</>} back={() => go('/studio')} mark={<StateMark state={show.state} />} >
        {show.state !== 'cancelled' && <a class="btn s" href={`/studio/shows/${show.id}/report`} data-testid="report-open"><Icon name="chart" size={18} />{t('report.open')}</a>}
      </Head>
      <div class="over stack" data-testid="over">
        {show.state === 'ended' && <Working />}
        {(show.state === 'replay_ready' || show.state === 'archived') && <Replay ctrl={ctrl} show={show} />}
        {show.state === 'cancelled' ? <Cancelled /> : <><Figures ctrl={ctrl} show={show} /><TalkCard ctrl={ctrl} open={false} /></>}
      </div>
    </Frame>
  );
}
