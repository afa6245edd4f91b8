import type { ComponentType } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { loadSession, session } from '../api/http.ts';
import { chooseLang } from '../api/sessions.ts';
import type { Shop, Show } from '../api/types.ts';
import { langNames, langs, lang, t } from '../i18n/index.ts';
import { count } from '../i18n/format.ts';
import { clockText, nowMs, watchClock } from '../ui/clock.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon, Logo } from '../ui/icon.tsx';
import { scrollOf } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';
import { whenText } from '../ui/when.ts';
import { Words } from '../ui/words.tsx';
import { failed, follow, lists, refresh, type Lists } from './ctrl.ts';
import './style.css';

const hourMs = 3_600_000;

/** The button that reminds of a show: its code comes when the page has been drawn. */
type Reminder = ComponentType<{ show: Show; card?: boolean }>;

const roomOf = (s: Show): string => `/s/${s.id}`;

/** The cover, else a frame of the recording, else the lantern: never a broken picture. */
function Picture({ show, eager }: { show: Show; eager?: boolean }) {
  const [broken, setBroken] = useState(false);
  const src = show.cover?.url ?? show.thumbnail;
  if (!src || broken) return <span class="nopic"><Logo size={56} /></span>;
  return (
    <img src={src} alt="" loading={eager ? 'eager' : 'lazy'} fetchPriority={eager ? 'high' : 'auto'} decoding="async"
      onError={() => setBroken(true)} />
  );
}

function sinceText(show: Show, now: number): string {
  const ms = Math.max(0, now - (show.live_started_at ?? now));
  if (ms < hourMs) return t('home.since', { n: Math.max(1, Math.round(ms / 60_000)) });
  return t('home.sinceHours', { h: Math.floor(ms / hourMs), n: Math.floor((ms % hourMs) / 60_000) });
}

function Marks({ show }: { show: Show }) {
  const n = show.viewers.now;
  return (
    <span class="marks">
      {show.state === 'live' ? <span class="live">LIVE</span> : <span class="vw">{t('room.lost')}</span>}
      {n > 0 && <span class="vw" role="img" aria-label={t('room.watching', { n: count(n) })}><Icon name="eye" size={15} /><span class="num">{count(n)}</span></span>}
    </span>
  );
}

function LiveCard({ show, big }: { show: Show; big: boolean }) {
  return (
    <a class={big ? 'lv' : 'lv small'} href={roomOf(show)} data-testid="live-card">
      <Picture show={show} eager={big} />
      <span class="shade" />
      <Marks show={show} />
      <span class="words">
        <h3><Words of={show.title} /></h3>
        <span class="row foot">
          <span class="grow by">{show.shop.name}{big && <> · {sinceText(show, nowMs.value)}</>}</span>
          {big && <span class="btn warmth s"><Icon name="play" size={18} />{t('home.enter')}</span>}
        </span>
      </span>
    </a>
  );
}

interface Upcoming {
  show: Show;
  remind: Reminder;
}

/** With nobody on air, the stall that opens next is what there is to see. */
function NextUp({ show, remind: Remind }: Upcoming) {
  const left = (show.starts_at ?? 0) - nowMs.value;
  return (
    <div class="lv-box"><a class="lv wait" href={roomOf(show)} data-testid="next-up">
      <Picture show={show} eager />
      <span class="shade" />
      <span class="words">
        <span class="lantern-s"><Logo size={44} /></span>
        <span class="when num">{show.starts_at === null ? t('room.soon') : whenText(show.starts_at, nowMs.value)}</span>
        <h3><Words of={show.title} /></h3>
        <span class="row foot">
          <span class="grow by">{show.shop.name}</span>
          {left > 0 && left < 24 * hourMs && <span class="left num">{clockText(left)}</span>}
        </span>
      </span>
    </a><Remind show={show} card /></div>
  );
}

function NextCard({ show, remind: Remind }: Upcoming) {
  const left = (show.starts_at ?? 0) - nowMs.value;
  return (
    <div class="nx-box"><a class="nx" href={roomOf(show)} data-testid="next-card">
      <Picture show={show} />
      <span class="grow col">
        <span class="num when">{show.starts_at === null ? t('home.soon') : whenText(show.starts_at, nowMs.value)}</span>
        <b class="cut2"><Words of={show.title} /></b>
        <span class="sm t2 cut">{show.shop.name}</span>
        {left > 0 && left < hourMs && <span class="pill warn"><Icon name="clock" size={14} />{t('home.inMinutes', { n: Math.ceil(left / 60_000) })}</span>}
      </span>
    </a><Remind show={show} card /></div>
  );
}

function ReplayCard({ show }: { show: Show }) {
  return (
    <a class="rp" href={roomOf(show)} data-testid="replay-card">
      <span class="im"><Picture show={show} />{show.duration_ms !== null && <span class="num du">{clockText(show.duration_ms)}</span>}</span>
      <b class="cut2"><Words of={show.title} /></b>
      <span class="xs t2 cut">{show.shop.name}{show.ended_at !== null && <> · {whenText(show.ended_at, nowMs.value)}</>}</span>
    </a>
  );
}

function Waiting() {
  return (
    <div class="pad" aria-hidden="true" data-testid="home-loading">
      <div class="lives" data-n="3"><div class="sk lv" /><div class="sk lv small" /><div class="sk lv small" /></div>
      <div class="sk line" />
      <div class="nexts"><div class="sk nx" /><div class="sk nx" /></div>
    </div>
  );
}

function OnAir({ all, next, remind }: { all: Show[]; next: Show | undefined; remind: Reminder }) {
  return (
    <section class="pad onair" aria-labelledby="h-live">
      <h2 class="sec" id="h-live">{t(all.length === 0 && next ? 'home.noneLive' : 'home.live')}</h2>
      {all.length > 0 && <div class="lives" data-n={Math.min(all.length, 4)}>{all.map((s, i) => <LiveCard key={s.id} show={s} big={i === 0} />)}</div>}
      {all.length === 0 && next && <div class="lives" data-n="1"><NextUp show={next} remind={remind} /></div>}
      {all.length === 0 && !next && (
        <div class="empty card"><Logo size={40} /><b>{t('home.emptyTitle')}</b><span class="sm t2">{t('home.emptyText')}</span></div>
      )}
    </section>
  );
}

const mostShops = 3;

/** Shops of the shows on this page, each once. */
function shopsOf(all: readonly Show[]): Shop[] {
  const known = new Map(all.map(({ shop }) => [shop.slug, shop]));
  return [...known.values()].slice(0, mostShops);
}

/** What is drawn by code that comes after this page: a shop's products, the reminders, the legal texts' names. */
interface Later {
  goods: ComponentType<{ shop: Shop }>;
  remind: Reminder;
  foot: ComponentType;
}

function Market({ live, next, replays, goods: Goods, remind }: Lists & Omit<Later, 'foot'>) {
  const later = live.length === 0 ? next.slice(1) : next;
  return (
    <>
      <OnAir all={live} next={next[0]} remind={remind} />
      {later.length > 0 && (
        <section class="upcoming" aria-labelledby="h-next">
          <h2 class="sec pad" id="h-next">{t('home.next')}</h2>
          <div class="nexts">{later.map((s) => <NextCard key={s.id} show={s} remind={remind} />)}</div>
        </section>
      )}
      {replays.length > 0 && (
        <section class="pad" aria-labelledby="h-rep">
          <h2 class="sec" id="h-rep">{t('home.replays')}</h2>
          <div class="reps">{replays.map((s) => <ReplayCard key={s.id} show={s} />)}</div>
        </section>
      )}
      {shopsOf([...live, ...next, ...replays]).map((s) => <Goods key={s.slug} shop={s} />)}
    </>
  );
}

function Header() {
  const staff = (session.value?.staff.length ?? 0) > 0;
  return (
    <header class="home-top">
      <a class="brand" href="/"><Logo size={30} /><b>{t('app')}</b></a>
      <span class="grow" />
      <label class="tongue"><Icon name="globe" size={20} />
        <select aria-label={t('menu.language')} value={lang.value} data-testid="lang" onChange={(e) => void chooseLang(langs.find((l) => l === e.currentTarget.value) ?? 'zh-TW')}>
          {langs.map((l) => <option key={l} value={l}>{langNames[l]}</option>)}
        </select>
      </label>
      <a class="icb" href="/me" data-testid="to-me" aria-label={t('home.me')}><Icon name="user" size={22} /></a>
      {staff
        ? <a class="btn s" href="/studio" data-testid="to-studio" aria-label={t('home.studio')}><Icon name="video" size={18} /><span class="lbl">{t('home.studio')}</span></a>
        : <a class="btn s" href="/signin?next=/studio" data-testid="to-signin" aria-label={t('home.sell')}><Icon name="store" size={18} /><span class="lbl">{t('home.sell')}</span></a>}
    </header>
  );
}

export function Home({ goods, remind, foot: Foot }: Later) {
  useTitle(t('home.title'));
  useEffect(() => {
    const stops = [watchClock(), follow()];
    if (!session.value) loadSession().catch(() => undefined);
    return () => stops.forEach((stop) => stop());
  }, []);
  useLayoutEffect(() => {
    if (lists.value) scrollTo(0, scrollOf('/'));
  }, []);
  const all = lists.value;
  return (
    <div class="home">
      <Header />
      <div class="awn" aria-hidden="true" />
      <main>
        <h1 class="vh">{t('home.title')}</h1>
        {all && <Market {...all} goods={goods} remind={remind} />}
        {!all && failed.value && <ErrorBox cause={failed.value} retry={() => { failed.value = null; void refresh(); }} />}
        {!all && !failed.value && <Waiting />}
      </main>
      <footer class="home-foot"><Foot /><Logo size={20} /><span class="sm t2">{t('home.foot')}</span></footer>
    </div>
  );
}
