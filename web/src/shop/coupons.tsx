import { useEffect, useState } from 'preact/hooks';
import type { Quote } from '../api/buy.ts';
import { myCoupons, type MyCoupon } from '../api/fun.ts';
import { session } from '../api/http.ts';
import { moneyText } from './money.ts';
import { t } from './strings.ts';

type Worth = Pick<MyCoupon, 'kind' | 'value' | 'percent_bp' | 'min_spend'>;

/** What a coupon gives, in a few words. */
export function worthText(c: Worth): string {
  const gives = c.kind === 'amount' && c.value ? t('coupon.amount', { amount: moneyText(c.value) })
    : c.kind === 'percent' ? t('coupon.percent', { n: (c.percent_bp ?? 0) / 100 })
    : t('coupon.free_ship');
  return c.min_spend && c.min_spend.amount > 0 ? `${gives} · ${t('coupon.min', { amount: moneyText(c.min_spend) })}` : gives;
}

function problemText(problem: string): string {
  switch (problem) {
    case 'min_spend':
    case 'over':
    case 'not_yet':
    case 'used':
    case 'market':
      return t(`cp.${problem}`);
    default:
      return t('cp.not_yours');
  }
}

/** The coupons this buyer holds for this shop, at checkout. */
export function CouponChoice({ q, chosen, choose }: { q: Quote; chosen: string | null; choose: (id: string | null) => void }) {
  const [mine, setMine] = useState<MyCoupon[]>([]);
  const who = session.value?.viewer?.id;
  useEffect(() => {
    if (!who) return;
    myCoupons(q.shop.slug, q.market).then((p) => setMine(p.items.filter((c) => c.state === 'ready')), () => undefined);
  }, [who, q.shop.slug, q.market]);
  if (mine.length === 0) return null;
  return (
    <fieldset class="inv">
      <legend class="sm b t2">{t('co.coupons')}</legend>
      <div class="chips">
        <button type="button" class="chip" aria-pressed={chosen === null} onClick={() => choose(null)}>{t('co.noCoupon')}</button>
        {mine.map((c) => (
          <button key={c.id} type="button" class="chip" aria-pressed={chosen === c.id} data-testid="coupon" onClick={() => choose(c.id)}>{worthText(c)}</button>
        ))}
      </div>
      {chosen && q.coupon_problem && <p class="errmsg" role="alert">{problemText(q.coupon_problem)}</p>}
    </fieldset>
  );
}
