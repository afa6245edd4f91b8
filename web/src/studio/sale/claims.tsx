import type { Review } from '../../api/sale.ts';
import { Icon } from '../../ui/icon.tsx';
import { t } from '../strings.ts';
import { wide } from '../wide.ts';
import { Code } from './code.tsx';
import type { SaleCtrl, Ticker } from './ctrl.ts';

const mostChoices = 4;

/** A claim as the room sees it: tick, who, what, which place. */
export function TickerLine({ x }: { x: Ticker }) {
  return (
    <li class={`sw tick${x.waiting ? ' wait' : ''}`} data-testid="claim-line">
      <div class="cm"><Icon name={x.waiting ? 'clock' : 'check'} size={18} /><span class="grow tx"><b>{x.name} {x.code} {x.options.join(' ')} ×{x.qty}</b> <span>{t(x.waiting ? 'claim.waitPlace' : 'claim.place', { n: x.place })}</span></span></div>
    </li>
  );
}

function Choices({ ctrl, r }: { ctrl: SaleCtrl; r: Review }) {
  const item = r.items[0];
  const code = item?.code ?? item?.suggest ?? null;
  const listing = ctrl.listings.value.find((l) => l.id === item?.listing_id) ?? ctrl.listings.value.find((l) => l.code === code);
  if (!item || !listing) return <span class="xs t2">{t('review.unclear')}</span>;
  const only = listing.variants.find((v) => v.id === item.variant_id) ?? (listing.variants.length === 1 ? listing.variants[0] : undefined);
  if (only) {
    return (
      <>
        <span class="sm row">{t('review.as')} <Code code={listing.code} /> {only.options.join(' ')} ×{item.qty}</span>
        <button type="button" class="btn s okb" aria-label={t('review.acceptOf', { name: r.message.name })} data-testid="review-accept"
          onClick={() => void ctrl.accept(r, [{ listing_id: listing.id, variant_id: only.id, qty: item.qty }])}><Icon name="check" size={18} /></button>
      </>
    );
  }
  const fits = listing.variants.filter((v) => item.variants.includes(v.id));
  return (
    <>
      <Code code={listing.code} />
      {fits.slice(0, mostChoices).map((v) => (
        <button key={v.id} type="button" class="btn s" data-testid="review-choice" onClick={() => void ctrl.accept(r, [{ listing_id: listing.id, variant_id: v.id, qty: item.qty }])}>{v.options.join(' ')}</button>
      ))}
    </>
  );
}

/** Comments that may be orders: nothing happens until somebody says yes. */
export function ReviewQueue({ ctrl }: { ctrl: SaleCtrl }) {
  const all = ctrl.reviews.value;
  const most = wide.value ? 3 : 2;
  if (all.length === 0) return null;
  return (
    <section class="rv" aria-label={t('review.title')} data-testid="review-queue">
      <div class="row sm b"><Icon name="info" size={18} />{t('review.title')} <span class="num">{all.length}</span><span class="end xs t2">{t(wide.value ? 'review.hint' : 'review.hintShort')}</span></div>
      <ul class={all.length > most ? 'many' : ''} tabIndex={all.length > most ? 0 : undefined}>
        {all.map((r) => (
          <li key={r.id} class="rvr ask" data-testid="review">
            <span class="grow sm"><b>{r.message.name}</b> {r.message.text}</span>
            <span class="row wrap choices"><Choices ctrl={ctrl} r={r} />
              <button type="button" class="btn s" aria-label={t('review.dismissOf', { name: r.message.name })} data-testid="review-dismiss" onClick={() => void ctrl.dismiss(r)}><Icon name="close" size={18} /></button></span>
          </li>
        ))}
      </ul>
    </section>
  );
}
