import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { causeKey } from '../ui/error-box.tsx';
import { t } from '../i18n/index.ts';
import { count, timeOfDay } from '../i18n/format.ts';
import { nowMs } from '../ui/clock.ts';
import { Icon } from '../ui/icon.tsx';
import { optionText } from '../shop/option-words.ts';
import { t as buy } from '../shop/strings.ts';
import { langAttr } from '../ui/words.tsx';
import { Chapters } from './chapters.tsx';
import type { RoomCtrl } from './ctrl.ts';
import { BuyButtons, MomentTicket, PinnedTicket } from './ticket.tsx';
import type { Line } from './types.ts';

const fadeAfterMs = 12_000;
const nearEnd = 24;

/** Who has claimed what: a tick and a place, so that it is not told by colour alone. */
function TickLine({ m }: { m: Extract<Line, { kind: 'claim' }> }) {
  const c = m.claim;
  const place = c.state === 'waitlisted' ? buy('tick.wait', { n: c.place }) : buy('claim.place', { n: c.place });
  return (
    <p class="ln claim" data-testid="claim-line">
      <Icon name={c.state === 'waitlisted' ? 'bell' : 'check'} size={16} /><span>{c.name_masked}</span><span class="num">{c.code}</span>
      <span>{optionText(c.options)} ×{c.qty}</span><span class="pl">{place}</span>
      {(c.more ?? 0) > 0 && <span class="pl">{buy('tick.more', { n: c.more ?? 0 })}</span>}
    </p>
  );
}

function LineView({ m }: { m: Line }) {
  if (m.kind === 'claim') return <TickLine m={m} />;
  if (m.kind === 'system') return <p class="ln sys" data-testid="chat-line" {...langAttr(m.lang)}>{m.text}</p>;
  const staff = m.badge !== null;
  return (
    <p class={`ln${staff ? ' host-l' : ''}${m.mine ? ' mine' : ''}${m.state === 'held' ? ' held' : ''}`} data-testid="chat-line"
      {...langAttr(m.lang)}>
      {m.badge && <span class="tg">{t(m.badge === 'host' ? 'chat.host' : 'chat.moderator')}</span>}
      {!staff && <b>{m.name}</b>}
      <span class="tx">{m.text}</span>
      {m.state === 'held' && <small class="held-note">{t('chat.held')}</small>}
    </p>
  );
}

function useIdle(beat: unknown, active: boolean): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    setIdle(false);
    if (!active) return undefined;
    const timer = setTimeout(() => setIdle(true), fadeAfterMs);
    return () => clearTimeout(timer);
  }, [beat, active]);
  return idle;
}

function Lines({ ctrl }: { ctrl: RoomCtrl }) {
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [back, setBack] = useState(false);
  const [stir, setStir] = useState(0);
  const lines = ctrl.log.lines.value;
  const live = ctrl.stage.value === 'live';
  const idle = useIdle(`${lines.at(-1)?.id} ${stir}`, live && !back);
  useLayoutEffect(() => {
    if (stuck.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, back]);
  useEffect(() => { // the keyboard or a turn of the phone makes the box smaller: the newest stay in sight
    const el = box.current;
    if (!el || typeof ResizeObserver === 'undefined') return undefined;
    const watch = new ResizeObserver(() => {
      if (stuck.current) el.scrollTop = el.scrollHeight;
    });
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  function onScroll(): void {
    const el = box.current;
    if (!el) return;
    stuck.current = el.scrollHeight - el.scrollTop - el.clientHeight < nearEnd;
    setBack(!stuck.current);
    if (el.scrollTop < 40 && !stuck.current) void ctrl.fetchOlder();
  }
  function toEnd(): void {
    stuck.current = true;
    setBack(false);
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }
  const wake = (): void => setStir((n) => n + 1);
  return (
    <div class={`chat over${idle ? ' idle' : ''}${back ? ' back' : ''}`} onPointerDown={wake}>
      <div class="log" ref={box} role="log" aria-live={ctrl.readAloud.value ? 'polite' : 'off'} aria-label={t('chat.title')} tabIndex={0}
        onScroll={onScroll} onFocus={wake}>
        {lines.map((m) => <LineView key={m.id} m={m} />)}
      </div>
      {back && <button type="button" class="newest" onClick={toEnd}><Icon name="down" size={16} />{t('chat.newest')}</button>}
    </div>
  );
}

function muteText(ctrl: RoomCtrl): string {
  const m = ctrl.mute.value;
  switch (m.why) {
    case 'off':
      return t('chat.off');
    case 'members':
      return t('chat.members');
    case 'sanction':
      return m.until === null ? t('chat.banned') : t('chat.muted', { time: timeOfDay(m.until) });
    default:
      return '';
  }
}

function Send({ ctrl, wait }: { ctrl: RoomCtrl; wait: number }) {
  const ready = ctrl.draft.value.trim() !== '' && !ctrl.sending.value && wait <= 0;
  return (
    <button type="submit" class="icb send" aria-label={wait > 0 ? t('chat.wait', { n: wait }) : t('chat.send')} data-testid="chat-send"
      aria-disabled={!ready}>
      {wait > 0 ? <span class="num">{wait}</span> : <Icon name="send" size={20} />}
    </button>
  );
}

/** The row to write in. What is typed turns the heart into the button that sends it. */
function Say({ ctrl }: { ctrl: RoomCtrl }) {
  const muted = muteText(ctrl);
  const wait = Math.ceil((ctrl.waitUntil.value - nowMs.value) / 1000);
  const typed = ctrl.draft.value !== '';
  const code = ctrl.sale.pinned.value?.code;
  function submit(e: Event): void {
    e.preventDefault();
    void ctrl.send();
  }
  return (
    <form class="inrow over" onSubmit={submit}>
      {muted && ctrl.mute.value.why === 'members' && <button type="button" class="say shut" data-testid="chat-shut" onClick={() => { ctrl.panel.value = 'login'; }}>{muted}</button>}
      {muted && ctrl.mute.value.why !== 'members' && <p class="say shut" data-testid="chat-shut">{muted}</p>}
      {!muted && (
        <input class="say" aria-label={t('chat.write')} placeholder={code ? buy('say.placeholder', { code }) : t('chat.placeholder')} value={ctrl.draft.value} maxLength={200}
          enterKeyHint="send" autoComplete="off" data-testid="chat-input" onInput={(e) => ctrl.write(e.currentTarget.value)}
          onKeyDown={(e) => { if (e.key === 'Escape') e.currentTarget.blur(); }} />
      )}
      {typed && !muted ? <Send ctrl={ctrl} wait={wait} /> : <Like ctrl={ctrl} />}
      {(!typed || muted) && <BuyButtons ctrl={ctrl} />}
    </form>
  );
}

export function Hearts({ ctrl }: { ctrl: RoomCtrl }) {
  if (ctrl.saver.value) return null;
  return (
    <div class="hearts" aria-hidden="true">
      {ctrl.likes.hearts.value.map((h) => <span key={h.id} class={`heart l${h.lane}`}><Icon name="heart" size={26} /></span>)}
    </div>
  );
}

function Like({ ctrl }: { ctrl: RoomCtrl }) {
  const n = ctrl.likes.total.value;
  return (
    <button type="button" class="icb like" aria-label={t('room.like', { n: count(n) })} data-testid="like" onClick={() => ctrl.likes.tap()}>
      <Icon name="heart" size={22} />
      {n > 0 && <span class="likes num" aria-hidden="true">{n > 9999 ? `${Math.floor(n / 1000)}K` : count(n)}</span>}
    </button>
  );
}

/** Chat, and the row to write in it. */
export function Talk({ ctrl }: { ctrl: RoomCtrl }) {
  const stage = ctrl.stage.value;
  if (stage === 'wait' || stage === 'gone') return null;
  const failed = ctrl.sendFailed.value;
  const open = ctrl.mute.value.why !== 'closed';
  return (
    <section class="talk" aria-label={t('chat.title')}>
      <h2 class="talk-h">{t('chat.title')}</h2>
      <Lines ctrl={ctrl} />
      {stage === 'replay' ? <><MomentTicket ctrl={ctrl} /><Chapters ctrl={ctrl} /></> : <PinnedTicket ctrl={ctrl} />}
      {failed && <p class="refused" role="alert"><Icon name="warn" size={16} />{t('chat.failed')} {t(causeKey(failed))}</p>}
      {open ? <Say ctrl={ctrl} /> : stage !== 'replay' && <div class="inrow over lone"><span class="grow" /><BuyButtons ctrl={ctrl} /></div>}
    </section>
  );
}
