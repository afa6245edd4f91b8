import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Message, Show } from '../../api/types.ts';
import { timeOfDay } from '../../i18n/format.ts';
import { t as common } from '../../i18n/index.ts';
import { clockText } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { langAttr } from '../../ui/words.tsx';
import type { Ticker } from '../sale/ctrl.ts';
import { t } from '../strings.ts';
import { wide } from '../wide.ts';
import { TickerLine } from '../sale/claims.tsx';
import type { ShowCtrl } from './ctrl.ts';
import { swipe } from './swipe.ts';

const nearEnd = 40;

/** When it was said: by the show's clock while on air, else by the day's. */
function stamp(m: Message, show: Show | null): string {
  const from = show?.live_started_at;
  return from !== null && from !== undefined && m.at >= from ? clockText(m.at - from) : timeOfDay(m.at);
}

function Tools({ ctrl, m }: { ctrl: ShowCtrl; m: Message }) {
  const name = m.name;
  if (m.state === 'hidden') {
    return <button type="button" class="btn s" data-testid="mod-show" onClick={() => void ctrl.setMessage(m.id, 'shown')}><Icon name="undo" size={16} />{t('mod.show')}</button>;
  }
  return (
    <>
      {wide.value && <button type="button" class="icb" aria-label={t('mod.hideOf', { name })} title={t('mod.hide')} data-testid="mod-hide" onClick={() => void ctrl.setMessage(m.id, 'hidden')}><Icon name="hide" size={18} /></button>}
      {wide.value && m.badge === null && <button type="button" class="icb" aria-label={t('mod.muteOf', { name })} title={t('mod.mute')} data-testid="mod-mute" onClick={() => void ctrl.punish(m, 'mute')}><Icon name="mutep" size={18} /></button>}
      <button type="button" class="icb" aria-label={t('mod.moreOf', { name })} data-testid="mod-more" aria-haspopup="dialog" onClick={() => { ctrl.panel.value = { is: 'message', message: m }; }}><Icon name="more" size={18} /></button>
    </>
  );
}

function Text({ m }: { m: Message }) {
  return (
    <span class="grow tx">
      {m.badge && <span class="tg">{common(m.badge === 'host' ? 'chat.host' : 'chat.moderator')}</span>}
      <b>{m.name}</b> <span {...langAttr(m.lang)} class="said">{m.text}</span>
      {m.state === 'hidden' && <span class="xs gone">{t('mod.isHidden')}</span>}
    </span>
  );
}

function LineView({ ctrl, m }: { ctrl: ShowCtrl; m: Message }) {
  const may = ctrl.moderates.value && m.kind === 'chat';
  const slides = may && !wide.value && m.state === 'shown';
  const touch = useMemo(() => swipe((o) => void (o === 'left' ? ctrl.setMessage(m.id, 'hidden') : ctrl.punish(m, 'mute'))), [ctrl, m.id]);
  const picked = ctrl.picked.value === m.id;
  const kind = `${m.kind === 'system' ? ' sys' : ''}${m.badge ? ' hst' : ''}${m.state === 'hidden' ? ' hid' : ''}${picked ? ' at' : ''}`;
  return (
    <li class={`sw${kind}`} data-testid="mod-line" data-message={m.id} data-state={m.state} {...(slides ? touch : {})}>
      {slides && <span class="rgt" aria-hidden="true"><Icon name="mutep" size={20} />{t('mod.mute')}</span>}
      {slides && <span class="lft" aria-hidden="true"><Icon name="hide" size={20} />{t('mod.hide')}</span>}
      <div class="cm"><Text m={m} /><span class="num tt">{stamp(m, ctrl.show.value)}</span>{may && <Tools ctrl={ctrl} m={m} />}</div>
    </li>
  );
}

/** Talk and claims in the order in which they happened. */
function mixed(lines: Message[], tickers: Ticker[]): (Message | Ticker)[] {
  const from = lines[0]?.at ?? 0;
  const all: (Message | Ticker)[] = [...lines, ...tickers.filter((x) => x.at >= from)];
  return all.toSorted((a, b) => a.at - b.at);
}

/** The room's talk, with what keeps order on each line. It follows the newest until scrolled away. */
export function Lines({ ctrl }: { ctrl: ShowCtrl }) {
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [back, setBack] = useState(false);
  const lines = ctrl.desk.lines.value;
  const rows = mixed(lines, ctrl.sale.tickers.value);
  useLayoutEffect(() => {
    if (stuck.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [rows, back]);
  function onScroll(): void {
    const el = box.current;
    if (!el) return;
    stuck.current = el.scrollHeight - el.scrollTop - el.clientHeight < nearEnd;
    setBack(!stuck.current);
  }
  function toEnd(): void {
    stuck.current = true;
    setBack(false);
  }
  return (
    <div class="cmsbox">
      <div class="cms" role="log" aria-live="off" aria-label={t('chat.title')} tabIndex={0} ref={box} onScroll={onScroll} data-testid="mod-log">
        {rows.length === 0 && <p class="sm t2 nolines">{t('chat.none')}</p>}
        <ul>{rows.map((r) => ('text' in r ? <LineView key={r.id} ctrl={ctrl} m={r} /> : <TickerLine key={r.key} x={r} />))}</ul>
      </div>
      {back && <button type="button" class="btn s newest" onClick={toEnd}><Icon name="down" size={16} />{t('chat.newest')}</button>}
    </div>
  );
}

/** The row to write in as host or moderator. */
export function Say({ ctrl }: { ctrl: ShowCtrl }) {
  const ready = ctrl.draft.value.trim() !== '' && !ctrl.sending.value;
  function submit(e: Event): void {
    e.preventDefault();
    void ctrl.send();
  }
  const chat = ctrl.chat.value;
  return (
    <form class="say2" onSubmit={submit}>
      <span class="grow field">
        <input class="inp" aria-label={t('chat.write')} placeholder={t('chat.placeholder')} value={ctrl.draft.value} maxLength={200} autoComplete="off" enterKeyHint="send"
          data-testid="host-input" onInput={(e) => ctrl.write(e.currentTarget.value)} onKeyDown={(e) => { if (e.key === 'Escape') e.currentTarget.blur(); }} />
        {wide.value && !ctrl.draft.value && <span class="key" aria-hidden="true">/</span>}
      </span>
      {ctrl.draft.value ? (
        <button type="submit" class="btn s pri" aria-disabled={!ready} data-testid="host-send"><Icon name="send" size={18} />{t('chat.send')}</button>
      ) : (
        <button type="button" class="btn s" aria-pressed={chat.mode === 'slow'} aria-disabled={!ctrl.moderates.value} data-testid="slow-mode"
          onClick={() => { if (ctrl.moderates.value) void ctrl.toggleSlow(); }}>
          <Icon name="clock" size={18} />{chat.mode === 'slow' ? t('mode.slowOn', { n: chat.slow_s }) : t('mode.slowOff')}
        </button>
      )}
    </form>
  );
}
