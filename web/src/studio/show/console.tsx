import { useSignal } from '@preact/signals';
import { count } from '../../i18n/format.ts';
import { clockText, nowMs } from '../../ui/clock.ts';
import { Icon, Logo } from '../../ui/icon.tsx';
import { Words } from '../../ui/words.tsx';
import { ReviewQueue } from '../sale/claims.tsx';
import { Code } from '../sale/code.tsx';
import { Figures } from '../sale/figures.tsx';
import { DealClock, RunList } from '../sale/run.tsx';
import { copy, roomUrl } from '../say.ts';
import { t } from '../strings.ts';
import { Lines, Say } from './chat.tsx';
import type { ShowCtrl } from './ctrl.ts';
import { gradeAll } from './health.ts';
import { Held } from './held.tsx';
import { Numbers } from './numbers.tsx';
import { Preview } from './preview.tsx';
import { Rules } from './rules.tsx';
import '../sale/style.css';
import { mbps, rate, Signal } from './signal.tsx';

/** On air, or not at this moment: said in a word, not by colour alone. */
export function AirMark({ ctrl }: { ctrl: ShowCtrl }) {
  if (ctrl.show.value?.state === 'interrupted') return <span class="pill bad air" data-testid="state" data-state="interrupted"><Icon name="signal" size={14} />{t('state.interrupted')}</span>;
  return <span class="live" data-testid="state" data-state="live">LIVE</span>;
}

export function Timer({ ctrl }: { ctrl: ShowCtrl }) {
  const from = ctrl.show.value?.live_started_at ?? nowMs.value;
  return <span class="num timer" data-testid="timer">{clockText(nowMs.value - from)}</span>;
}

function Stat({ k, v, unit, testId }: { k?: string; v: string; unit?: string; testId: string }) {
  return <span class="hs" data-testid={testId}>{k && <i>{k}</i>}<b class="num">{v}</b>{unit && <i>{unit}</i>}</span>;
}

function Stats({ ctrl }: { ctrl: ShowCtrl }) {
  const h = ctrl.health.value;
  const grade = gradeAll(h);
  const delay = ctrl.player.value?.delayMs.value ?? null;
  return (
    <div class="stats">
      <Stat k={t('stat.now')} v={count(ctrl.viewers.value.now)} testId="stat-now" />
      <Stat k={t('stat.peak')} v={count(ctrl.viewers.value.peak)} testId="stat-peak" />
      <span class={`hs sig ${grade}`} data-testid="stat-bitrate"><Icon name={grade === 'ok' || grade === 'none' ? 'signal' : 'warn'} size={18} /><b class="num">{mbps(h?.bitrate_bps)}</b><i>Mbps</i></span>
      <Stat v={rate(h?.fps)} unit="fps" testId="stat-fps" />
      {delay !== null && <Stat k={t('stat.delay')} v={(delay / 1000).toFixed(1)} unit={t('health.seconds')} testId="stat-delay" />}
    </div>
  );
}

/** Connection to the server: said only when there is none. */
export function LinkNote({ ctrl }: { ctrl: ShowCtrl }) {
  if (ctrl.link.value !== 'waiting') return null;
  return <p class="note warn linknote" role="status" data-testid="link-lost"><Icon name="signal" size={18} /><span>{t('link.lost')}</span></p>;
}

function Notice({ ctrl }: { ctrl: ShowCtrl }) {
  const text = ctrl.pinned.value?.text;
  if (!text) return null;
  return (
    <div class="notice" data-testid="pinned"><Icon name="mega" size={18} /><span class="grow sm cut2">{text}</span>
      {ctrl.moderates.value && <button type="button" class="icb" aria-label={t('announce.remove')} data-testid="unpin" onClick={() => void ctrl.pin(null)}><Icon name="close" size={18} /></button>}
    </div>
  );
}

function Side({ ctrl }: { ctrl: ShowCtrl }) {
  const at = useSignal<'run' | 'signal' | 'rules'>('run');
  return (
    <section class="c3">
      <div class="seg">
        {(['run', 'signal', 'rules'] as const).map((x) => <button key={x} type="button" aria-pressed={at.value === x} data-testid={`side-${x}`} onClick={() => { at.value = x; }}>{t(`side.${x}`)}</button>)}
      </div>
      {at.value === 'run' ? <RunList ctrl={ctrl.sale} edits={ctrl.runs.value} />
        : <div class="c3body" tabIndex={0} role="group" aria-label={t('side.label')}>{at.value === 'signal' ? <Signal ctrl={ctrl} /> : <Rules ctrl={ctrl} />}</div>}
    </section>
  );
}

/** What the next act of selling is: the only amber button, and it names what it will do. */
function SellActs({ ctrl }: { ctrl: ShowCtrl }) {
  const { sale } = ctrl;
  const next = sale.next.value;
  const now = sale.current.value;
  return (
    <>
      <button type="button" class="btn warmth" aria-disabled={!next} data-testid="pin-next" onClick={() => void sale.pinNext()}><Icon name="pin" />{next ? t('run.pinNext', { code: next.code }) : t('run.pinNone')} <span class="key">N</span></button>
      {now && <button type="button" class="btn dk" data-testid="claim-window" aria-pressed={now.claim_open} onClick={() => void sale.toggleWindow()}><Icon name={now.claim_open ? 'stop' : 'play'} />{t(now.claim_open ? 'run.close' : 'run.openClaims')} <span class="key">O</span></button>}
      {now && <button type="button" class="btn dk" data-testid="deal-open" onClick={() => { sale.panel.value = { is: 'deal', listing: now.id }; }}><Icon name="bolt" />{t('deal.open2')} <span class="key">D</span></button>}
      <button type="button" class="btn dk" data-testid="gift-open" onClick={() => { ctrl.panel.value = { is: 'gift' }; }}><Icon name="gift" />{t('gift.open')} <span class="key">G</span></button>
    </>
  );
}

/** What is up, as its viewers see it, over the picture. */
export function PinnedChip({ ctrl }: { ctrl: ShowCtrl }) {
  const now = ctrl.sale.current.value;
  const from = ctrl.sale.pinned.value?.segment_start;
  if (!now) return null;
  return (
    <p class="pinchip" data-testid="pinned-chip"><Code code={now.code} /><b class="cut"><Words of={now.title} /></b><DealClock listing={now} />
      {from !== undefined && <span class="xs t2 end">{t('run.pinned')} <b class="num">{clockText(Math.max(0, nowMs.value - from))}</b></span>}</p>
  );
}

function Acts({ ctrl }: { ctrl: ShowCtrl }) {
  const may = ctrl.moderates.value;
  return (
    <footer class="consacts" data-ground="room">
      {ctrl.runs.value && <SellActs ctrl={ctrl} />}
      {may && <button type="button" class="btn dk" data-testid="announce" onClick={() => { ctrl.panel.value = { is: 'announce' }; }}><Icon name="mega" />{t(ctrl.pinned.value ? 'announce.change' : 'announce.open')} <span class="key">P</span></button>}
      <button type="button" class="btn dk sq" aria-label={t('ready.share')} title={t('ready.share')} data-testid="copy-link" onClick={() => void copy(roomUrl(ctrl.id), t('copy.link'))}><Icon name="share" /></button>
      <a class="btn dk sq" aria-label={t('console.room')} title={t('console.room')} href={`/s/${ctrl.id}`} target="_blank" rel="noopener" data-testid="open-room"><Icon name="ext" /></a>
      <button type="button" class="btn dk sq" aria-label={t('keys.title')} title={t('keys.title')} data-testid="keys" onClick={() => { ctrl.panel.value = { is: 'keys' }; }}><Icon name="keyboard" /></button>
      <span class="grow" />
      {ctrl.runs.value && <button type="button" class="btn dk end-btn" data-testid="end-show" onClick={() => { ctrl.panel.value = { is: 'end' }; }}>{t('end.open')}</button>}
    </footer>
  );
}

/** On air, at a desk: picture, talk and signal beside each other, and nothing scrolls but lists. */
export function Console({ ctrl }: { ctrl: ShowCtrl }) {
  const show = ctrl.show.value;
  if (!show) return null;
  return (
    <main class="studio cons" data-testid="console">
      <header class="chd" data-ground="room">
        <a class="icb" href="/studio" aria-label={t('console.back')} data-testid="back"><Logo size={28} /></a>
        <h1 class="cut"><Words of={show.title} /></h1><AirMark ctrl={ctrl} /><Timer ctrl={ctrl} />
        <Stats ctrl={ctrl} />
      </header>
      <section class="c1" aria-label={t('preview.title')}><Preview ctrl={ctrl} /><PinnedChip ctrl={ctrl} /><Numbers ctrl={ctrl} /><Figures ctrl={ctrl.sale} /></section>
      <section class="c2" aria-label={t('chat.title')}><LinkNote ctrl={ctrl} /><ReviewQueue ctrl={ctrl.sale} /><Held ctrl={ctrl} /><Notice ctrl={ctrl} /><Lines ctrl={ctrl} /><Say ctrl={ctrl} /></section>
      <Side ctrl={ctrl} />
      <Acts ctrl={ctrl} />
    </main>
  );
}
