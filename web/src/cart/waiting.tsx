import { acceptOffer, leaveWait, type Cart, type Waiting } from '../api/buy.ts';
import { Name, spanText, Thumb } from '../shop/bits.tsx';
import { optionText } from '../shop/option-words.ts';
import { t } from '../shop/strings.ts';
import { nowMs } from '../ui/clock.ts';

/** One place on a waiting list, in the cart and among what is mine. */
export function WaitingCard({ w, done }: { w: Waiting; done: (f: () => Promise<Cart | void>) => void }) {
  const offered = w.state === 'offered' && w.offer_until !== null;
  return (
    <section class={`card row small-line${offered ? ' offered' : ''}`} data-testid="waiting-line">
      <Thumb src={w.image} size="m" />
      <div class="grow">
        <Name code={w.code} title={w.title} />
        <div class="sm t2">{optionText(w.options, w.option_words)} × {w.qty}</div>
        <div class={`sm ${offered ? 'b' : 't2'}`}>{offered ? t('cart.offered', { t: spanText((w.offer_until ?? 0) - nowMs.value) }) : t('cart.waiting', { n: w.place })}</div>
      </div>
      <span class="col wait-acts">
        {offered && <button type="button" class="btn s pri" data-testid="accept" onClick={() => done(() => acceptOffer(w.id).then((a) => a.cart))}>{t('claim.accept')}</button>}
        <button type="button" class="btn s" data-testid="leave-wait" onClick={() => done(() => leaveWait(w.id))}>{t(offered ? 'claim.pass' : 'cart.leave')}</button>
      </span>
    </section>
  );
}
