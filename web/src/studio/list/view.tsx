import { useEffect } from 'preact/hooks';
import { session } from '../../api/http.ts';
import type { Show, ShowState } from '../../api/types.ts';
import { count } from '../../i18n/format.ts';
import { clockText, nowMs, watchClock } from '../../ui/clock.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon, Logo } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { useTitle } from '../../ui/title.ts';
import { whenText } from '../../ui/when.ts';
import { Words } from '../../ui/words.tsx';
import { Cover } from '../cover.tsx';
import { Frame, Head } from '../frame.tsx';
import { mayRun, roleIn } from '../roles.ts';
import { copy, roomUrl } from '../say.ts';
import { t, type Key } from '../strings.ts';
import { wide } from '../wide.ts';
import { failed, filter, filters, follow, refresh, seen, shows } from './ctrl.ts';
import './style.css';

const tones: Partial<Record<ShowState, string>> = {
  scheduled: 'info', backstage: 'warn', interrupted: 'bad', ended: '', replay_ready: 'ok',
};

/** The state of a show in a word; on air has a mark of its own. */
export function StateMark({ state }: { state: ShowState }) {
  if (state === 'live') return <span class="live" data-testid="state" data-state="live">LIVE</span>;
  return <span class={`pill ${tones[state] ?? ''}`} data-testid="state" data-state={state}>{t(`state.${state}`)}</span>;
}

/** When it is, was, or that nobody has said yet. */
export function timeText(s: Show, now: number): string {
  const at = s.live_started_at ?? s.starts_at;
  return at === null ? t('list.noTime') : whenText(at, now);
}

function nextStep(s: Show): Key {
  switch (s.state) {
    case 'live':
    case 'interrupted':
      return 'list.console';
    case 'backstage':
    case 'scheduled':
    case 'draft':
      return mayRun(roleIn(session.value, s.shop.id)) ? 'list.prepare' : 'list.open';
    default:
      return 'list.open';
  }
}

const studioOf = (s: Show): string => `/studio/shows/${s.id}`;
const isPublic = (s: Show): boolean => s.state !== 'draft' && s.state !== 'cancelled';

function Acts({ show }: { show: Show }) {
  const onAir = show.state === 'live' || show.state === 'interrupted';
  return (
    <span class="row rowacts">
      {isPublic(show) && (
        <button type="button" class="icb" aria-label={t('list.copyLink')} title={t('list.copyLink')} data-testid="copy-link"
          onClick={() => void copy(roomUrl(show.id), t('copy.link'))}><Icon name="share" /></button>
      )}
      <a class={`btn s${onAir ? ' warmth' : ''}`} href={studioOf(show)} data-testid="open-show">{t(nextStep(show))}</a>
    </span>
  );
}

/** What a show has to tell in numbers: how many watch, or watched, and how long it is. */
function Numbers({ show }: { show: Show }) {
  const onAir = show.state === 'live' || show.state === 'interrupted';
  if (onAir) return <><b class="num">{count(show.viewers.now)}</b> <span class="t2">{t('list.now')}</span></>;
  if (show.live_started_at === null) return <span class="t3">{t('list.none')}</span>;
  return <><b class="num">{count(show.viewers.peak)}</b> <span class="t2">{t('list.peak')}</span></>;
}

const lengthOf = (s: Show): number | null =>
  s.duration_ms ?? (s.live_started_at !== null && s.ended_at !== null ? s.ended_at - s.live_started_at : null);

function Row({ show, shop }: { show: Show; shop: boolean }) {
  const length = lengthOf(show);
  return (
    <tr data-testid="show-row" data-show={show.id}>
      <td>
        <a class="row name" href={studioOf(show)}>
          <Cover show={show} />
          <span class="grow"><b class="cut2"><Words of={show.title} /></b>
            <span class="xs t2 cut">{show.host_name || show.shop.name}{shop && show.host_name && ` · ${show.shop.name}`}</span></span>
        </a>
      </td>
      <td><StateMark state={show.state} /></td>
      <td class="nw">{timeText(show, nowMs.value)}</td>
      <td class="r nw"><Numbers show={show} /></td>
      <td class="r num">{length === null ? <span class="t3">{t('list.none')}</span> : clockText(length)}</td>
      <td class="r"><Acts show={show} /></td>
    </tr>
  );
}

function Table({ list, shop }: { list: Show[]; shop: boolean }) {
  return (
    <div class="card flat">
      <table class="tbl">
        <thead><tr>
          <th scope="col">{t('list.show')}</th><th scope="col">{t('list.state')}</th><th scope="col">{t('list.time')}</th>
          <th scope="col" class="r">{t('list.viewers')}</th><th scope="col" class="r">{t('list.length')}</th>
          <th scope="col"><span class="vh">{t('list.acts')}</span></th>
        </tr></thead>
        <tbody>{list.map((s) => <Row key={s.id} show={s} shop={shop} />)}</tbody>
      </table>
    </div>
  );
}

function Card({ show, shop }: { show: Show; shop: boolean }) {
  const length = lengthOf(show);
  return (
    <li class="card showcard" data-testid="show-row" data-show={show.id}>
      <a class="row name" href={studioOf(show)}>
        <Cover show={show} />
        <span class="grow">
          <span class="row marks"><StateMark state={show.state} /><span class="xs t2">{timeText(show, nowMs.value)}</span></span>
          <b class="cut2"><Words of={show.title} /></b>
          {shop && <span class="xs t2 cut">{show.shop.name}</span>}
        </span>
      </a>
      <div class="row foot"><span class="sm grow">{show.live_started_at !== null && <Numbers show={show} />}{length !== null && <> · <span class="num">{clockText(length)}</span></>}</span><Acts show={show} /></div>
    </li>
  );
}

function Skeleton() {
  return <div class="card flat" aria-hidden="true">{[1, 2, 3, 4].map((n) => <div key={n} class="row skrow"><span class="sk a" /><span class="sk b" /><span class="sk c" /></div>)}</div>;
}

function Empty({ mine }: { mine: boolean }) {
  return (
    <div class="card empty" data-testid="empty">
      <Logo size={40} />
      <b>{t(filter.value === 'all' ? 'list.emptyTitle' : 'list.emptyFilter')}</b>
      {mine && filter.value === 'all' && <><span class="sm t2">{t('list.emptyText')}</span><a class="btn pri" href="/studio/new">{t('nav.new')}</a></>}
    </div>
  );
}

function Body({ mine }: { mine: boolean }) {
  if (!shows.value) return failed.value ? <ErrorBox cause={failed.value} retry={() => void refresh()} /> : <Skeleton />;
  const list = seen.value;
  const shop = new Set(shows.value.map((s) => s.shop.id)).size > 1;
  if (list.length === 0) return <Empty mine={mine} />;
  if (wide.value) return <Table list={list} shop={shop} />;
  return <ul class="cards">{list.map((s) => <Card key={s.id} show={s} shop={shop} />)}</ul>;
}

/** My shows: what is on, what comes, what was. */
export function ShowList() {
  useTitle(t('list.title'));
  useEffect(() => {
    const stop = [follow(), watchClock()];
    return () => stop.forEach((f) => f());
  }, []);
  const mine = session.value?.staff.some((s) => mayRun(s.role)) ?? false;
  return (
    <Frame at="shows">
      <Head title={t('list.title')}>
        {mine && wide.value && <button type="button" class="btn pri" data-testid="studio-new" onClick={() => go('/studio/new')}><Icon name="plus" size={18} />{t('nav.new')}</button>}
      </Head>
      <div class="seg filter" role="group" aria-label={t('list.filter')}>
        {filters.map((f) => (
          <button key={f} type="button" aria-pressed={filter.value === f} data-testid={`filter-${f}`} onClick={() => { filter.value = f; }}>{t(`filter.${f}`)}</button>
        ))}
      </div>
      {shows.value && failed.value && <p class="note warn stale" role="status"><Icon name="signal" size={18} /><span>{t('list.stale')}</span></p>}
      <Body mine={mine} />
    </Frame>
  );
}
