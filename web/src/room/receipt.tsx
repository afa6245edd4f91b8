import type { ComponentChildren } from 'preact';
import type { Claim, ClaimReason } from '../api/sale.ts';
import type { ProblemCode } from '../api/http.ts';
import { Code, Price, Ring, spanText, Thumb } from '../shop/bits.tsx';
import { optionText, wordsIn } from '../shop/option-words.ts';
import { t, type Key } from '../shop/strings.ts';
import { clockText, nowMs } from '../ui/clock.ts';
import { Icon } from '../ui/icon.tsx';
import type { RoomCtrl } from './ctrl.ts';
import type { Notice, SaleCtrl } from './sale.ts';

/** Why nothing was taken, in words. What went wrong between us says that nothing was charged. */
export function refusedKey(reason: ClaimReason | ProblemCode): Key {
  switch (reason) {
    case 'closed':
    case 'sold_out':
    case 'limit':
    case 'banned':
    case 'unknown_code':
    case 'need_option':
    case 'need_login':
    case 'paid_before':
    case 'market':
      return `no.${reason}`;
    case 'muted':
      return 'no.banned';
    case 'rule':
      return 'no.paid_before';
    case 'conflict':
      return 'no.market';
    case 'offline':
      return 'no.offline';
    case 'busy':
    case 'slow_down':
    case 'timeout':
      return 'no.busy';
    default:
      return 'no.server';
  }
}

function headOf(c: Claim, most: number): { text: string; ok: boolean } {
  switch (c.state) {
    case 'waitlisted':
      return { text: t('claim.wait'), ok: true };
    case 'partial':
      return { text: c.reason === 'limit' ? t('claim.limited', { n: c.given }) : t('claim.partial', { n: c.given }), ok: true };
    case 'reduced':
      return { text: t('claim.reduced', { n: c.given }), ok: true };
    case 'cancelled':
      return { text: t('claim.cancelled'), ok: false };
    default:
      return { text: most > 0 ? t('claim.ok') : '', ok: true };
  }
}

/** The place in big numerals, its words around it as the language wants them. */
function Place({ n }: { n: number }) {
  const [before = '', after = ''] = t('claim.place').split('{n}');
  return (
    <div class="stub pl" data-testid="place">
      {before.trim() && <span class="xs">{before}</span>}<span class="num">{n}</span>{after.trim() && <span class="xs">{after}</span>}
    </div>
  );
}

function ClaimCard({ c, ctrl }: { c: Claim; ctrl: RoomCtrl }) {
  const { sale } = ctrl;
  const { text, ok } = headOf(c, 1);
  const held = c.state === 'granted' || c.state === 'partial' || c.state === 'reduced';
  const over = c.state === 'cancelled';
  const n = c.state === 'waitlisted' || over ? c.asked : c.given;
  const undo = !over && sale.rules.value.cancel_ok;
  return (
    <>
      <div class="in">
        <div class="main">
          <Thumb src={c.image ?? sale.find(c.listing_id)?.image ?? null} size="m" />
          <div class="grow">
            <b class={`head${ok ? ' ok' : ''}`}><Icon name={over ? 'undo' : 'check'} size={18} /><span>{text}</span></b>
            <span class="goods"><Code of={c.code} /><span class="sm b">{optionText(c.options, wordsIn(sale.find(c.listing_id)?.options, c.options))} × {n}</span></span>
            {!over && <Price of={{ ...c.unit, amount: c.unit.amount * n }} />}
          </div>
        </div>
        {!over && <Place n={c.place} />}
      </div>
      <div class="rc2">
        {held && c.hold_until !== null && <Ring until={c.hold_until} whole={sale.rules.value.hold_s * 1000} />}
        <span class="sm t2 grow">{held ? t('claim.within') : t(over ? 'claim.cancelledText' : 'claim.waitText')}</span>
        {undo && <button type="button" class="btn s ghost" data-testid="undo" onClick={() => void sale.undo(c)}><Icon name="undo" size={16} />{t('claim.undo')}</button>}
        {held && <button type="button" class="btn s pri" data-testid="receipt-checkout" onClick={() => ctrl.toCart(true)}>{t('claim.checkout')}</button>}
        {!held && <Shut sale={sale} />}
      </div>
    </>
  );
}

function Shut({ sale }: { sale: SaleCtrl }) {
  return <button type="button" class="icb" aria-label={t('claim.close')} data-testid="receipt-close" onClick={() => sale.hush()}><Icon name="close" size={18} /></button>;
}

function Row({ icon, children, sale, tone = '' }: { icon: 'bell' | 'warn' | 'clock' | 'info'; children: ComponentChildren; sale: SaleCtrl; tone?: string }) {
  return <div class={`rc2 alone ${tone}`}><Icon name={icon} size={20} /><span class="grow sm b">{children}</span><Shut sale={sale} /></div>;
}

function Offer({ n, ctrl }: { n: Extract<Notice, { is: 'offer' }>; ctrl: RoomCtrl }) {
  const { sale } = ctrl;
  const left = n.until - nowMs.value;
  return (
    <>
      <div class="in whole">
        <div class="main">
          <Thumb src={n.listing?.image ?? null} size="m" />
          <div class="grow">
            <b class="head ok"><Icon name="bell" size={18} /><span>{t('claim.offer')}</span></b>
            <span class="goods">{n.listing && <Code of={n.listing.code} />}<span class="sm b">{optionText(n.variant?.options ?? [], wordsIn(n.listing?.options, n.variant?.options ?? []))} × {n.qty}</span></span>
            <span class="sm t2">{t('claim.offerText', { t: spanText(left) })}</span>
          </div>
        </div>
      </div>
      <div class="rc2">
        <span class="grow" />
        <button type="button" class="btn s ghost" data-testid="pass-offer" onClick={() => void sale.pass(n.waiting)}>{t('claim.pass')}</button>
        <button type="button" class="btn s pri" data-testid="accept-offer" onClick={() => void sale.accept(n.waiting)}>{t('claim.accept')}</button>
      </div>
    </>
  );
}

function refusedText(n: Extract<Notice, { is: 'refused' }>): string {
  const left = n.opensAt ? n.opensAt - nowMs.value : 0;
  if (n.reason === 'closed' && left > 0) return t('no.closedAt', { t: clockText(left) });
  return t(refusedKey(n.reason), { code: n.code });
}

function Body({ n, ctrl }: { n: Notice; ctrl: RoomCtrl }) {
  const { sale } = ctrl;
  switch (n.is) {
    case 'claim':
      return <ClaimCard c={n.claim} ctrl={ctrl} />;
    case 'offer':
      return <Offer n={n} ctrl={ctrl} />;
    case 'refused':
      return <Row icon="warn" sale={sale} tone="bad">{refusedText(n)}</Row>;
    case 'expiring':
      return <Row icon="clock" sale={sale} tone="warn">{t('claim.expiring', { code: n.code })}</Row>;
    case 'expired':
      return <Row icon="clock" sale={sale}>{t('claim.expired', { code: n.code })}</Row>;
    case 'shown':
      return <Row icon="bell" sale={sale}>{t('claim.shown', { code: n.listing.code })}</Row>;
    default:
      return null;
  }
}

/** The answer to a claim, at the top of the room: what, which place, how long; Undo and Checkout. */
export function Receipt({ ctrl }: { ctrl: RoomCtrl }) {
  const n = ctrl.sale.notice.value;
  const keep = (): void => ctrl.sale.stay();
  return (
    <div class="rcpt-live" role="status">
      {n && (
        <div class="ticket rcpt" data-ground="paper" data-testid="receipt" data-is={n.is === 'claim' ? n.claim.state : n.is}
          onPointerDown={keep} onFocusIn={keep}>
          <Body n={n} ctrl={ctrl} />
        </div>
      )}
    </div>
  );
}
