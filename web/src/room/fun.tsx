import type { Giveaway } from '../api/fun.ts';
import { worthText } from '../shop/coupons.tsx';
import { cartPath } from '../shop/cart.ts';
import { t } from '../shop/strings.ts';
import { whenText } from '../ui/when.ts';
import { nowMs } from '../ui/clock.ts';
import { Icon } from '../ui/icon.tsx';
import { Words } from '../ui/words.tsx';
import type { RoomCtrl } from './ctrl.ts';

function Shut({ ctrl, id }: { ctrl: RoomCtrl; id: string }) {
  return <button type="button" class="icb" aria-label={t('claim.close')} onClick={() => { ctrl.fun.shut.value = id; }}><Icon name="close" size={15} /></button>;
}

function Coupon({ ctrl }: { ctrl: RoomCtrl }) {
  const { fun } = ctrl;
  const c = fun.coupon.value;
  if (!c || fun.shut.value === c.coupon_id || c.until < nowMs.value) return null;
  const taken = fun.taken.value === c.coupon_id;
  return (
    <div class="funny" data-ground="paper" data-testid="coupon-drop">
      <Icon name="tag" size={20} />
      <span class="grow"><b class="sm">{worthText(c)}</b><span class="xs t2">{taken ? t('coupon.taken') : t('coupon.left', { n: c.left })}</span></span>
      {!taken && <button type="button" class="btn s warmth" data-testid="coupon-take" aria-disabled={fun.busy.value} onClick={() => void fun.takeCoupon()}>{t('coupon.take')}</button>}
      <Shut ctrl={ctrl} id={c.coupon_id} />
    </div>
  );
}

function drawText(d: Giveaway): string {
  if (d.me?.state === 'won') return t('draw.wonText', { t: d.me.until ? whenText(d.me.until, nowMs.value) : '' });
  if (d.state === 'frozen') return t('draw.frozen');
  if (d.state === 'drawn') return d.winners.map((w) => w.name_masked).join(' · ');
  return t('draw.entries', { n: d.n });
}

function Draw({ ctrl }: { ctrl: RoomCtrl }) {
  const { fun } = ctrl;
  const d = fun.draw.value;
  if (!d || d.state === 'draft' || d.state === 'closed' || d.state === 'cancelled' || fun.shut.value === d.id) return null;
  const won = d.me?.state === 'won';
  const shop = ctrl.show.value?.shop.slug ?? '';
  return (
    <div class="funny draw" data-ground="paper" data-testid="draw" data-state={d.state} role="status">
      <Icon name="gift" size={20} />
      <span class="grow">
        <b class="sm">{won ? t('draw.won') : <>{t(d.state === 'drawn' ? 'draw.drawn' : 'draw.title')} · <Words of={d.prize.title} /></>}</b>
        <span class="xs t2">{fun.failed.value ? t('draw.failed') : drawText(d)}</span>
        {d.state === 'open' && <span class="xs cut2"><Words of={d.rule} /></span>}
        {d.commit && d.state === 'open' && <span class="xs t2 cut" title={d.commit}>{t('draw.commit')} {d.commit.slice(0, 12)}</span>}
      </span>
      {d.state === 'open' && !d.me && <button type="button" class="btn s warmth" data-testid="draw-enter" aria-disabled={fun.busy.value} onClick={() => void fun.enter()}>{t('draw.enter')}</button>}
      {d.state === 'open' && d.me && <span class="pill ok"><Icon name="check" size={14} />{t('draw.entered')}</span>}
      {won && <a class="btn s pri" href={cartPath(shop)}>{t('draw.claim')}</a>}
      {d.state === 'drawn' && !won && <a class="btn s" href={`/s/${ctrl.id}/draw/${d.id}`} data-testid="draw-proof-link">{t('draw.proof')}</a>}
      <Shut ctrl={ctrl} id={d.id} />
    </div>
  );
}

/** What is given away, under the announcement. */
export function Fun({ ctrl }: { ctrl: RoomCtrl }) {
  const stage = ctrl.stage.value;
  if (stage !== 'live' && stage !== 'break' && stage !== 'ended') return null;
  return <><Coupon ctrl={ctrl} /><Draw ctrl={ctrl} /></>;
}
