import { useEffect, useRef } from 'preact/hooks';
import type { Chapter } from '../api/sale.ts';
import { Code, leftText, Price, Thumb } from '../shop/bits.tsx';
import { isOut } from '../shop/money.ts';
import { t } from '../shop/strings.ts';
import { clockText } from '../ui/clock.ts';
import type { RoomCtrl } from './ctrl.ts';
import { leftOf } from './sale.ts';
import { pricesOf } from './ticket.tsx';

function Stop({ c, on, ctrl }: { c: Chapter; on: boolean; ctrl: RoomCtrl }) {
  const l = ctrl.sale.find(c.listing_id) ?? c.listing;
  const left = leftOf(l);
  const { now } = pricesOf(l);
  const few = typeof left === 'number';
  const self = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (on) self.current?.scrollIntoView?.({ block: 'nearest', inline: 'center' });
  }, [on]);
  return (
    <button type="button" ref={self} class={`cp${on ? ' on' : ''}`} aria-current={on || undefined} data-testid="chapter" data-code={c.code}
      onClick={() => { ctrl.player.seek(c.start_ms / 1000); ctrl.player.play(); }}>
      <Thumb src={c.image} size="m" />
      <span class="grow">
        <span class="row"><Code of={c.code} /><span class="num tm">{clockText(c.start_ms)}</span></span>
        {now && <Price of={now} />}
        <span class={`xs ${few ? 'lo' : 'av'}`}>{few && !isOut(left) ? t('left.still', { n: Number(left) }) : isOut(left) ? t('left.wait') : leftText(left)}</span>
      </span>
      <span class="vh">{t('ch.go', { code: c.code, t: clockText(c.start_ms) })}</span>
    </button>
  );
}

/** The chapters of a recording: what was shown when, what it costs and whether there is still some. */
export function Chapters({ ctrl }: { ctrl: RoomCtrl }) {
  const { sale, player } = ctrl;
  useEffect(() => void sale.fetchChapters(), [sale]);
  const all = sale.chapters.value;
  if (!all || all.length === 0) return null;
  const at = player.position.value * 1000;
  const current = all.findLast((c) => c.start_ms <= at);
  return (
    <nav class="chs" aria-label={t('ch.title')} data-testid="chapters">
      {all.map((c) => <Stop key={`${c.listing_id} ${c.start_ms}`} c={c} on={c === current} ctrl={ctrl} />)}
    </nav>
  );
}
