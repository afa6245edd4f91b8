import { count } from '../../i18n/format.ts';
import { moneyText } from '../../i18n/money.ts';
import { Icon } from '../../ui/icon.tsx';
import { t } from '../strings.ts';
import type { SaleCtrl } from './ctrl.ts';

/** What the show sells, as it goes: money ordered, and how many came how far. */
export function Figures({ ctrl }: { ctrl: SaleCtrl }) {
  const f = ctrl.figures.value;
  if (!f) return null;
  const gmv = Object.values(f.gmv).filter((g) => g !== undefined);
  const paid = f.funnel.ordered > 0 ? Math.round((f.funnel.paid / f.funnel.ordered) * 100) : 0;
  return (
    <section class="gm sales" aria-label={t('fig.title')} data-testid="figures">
      <div class="row base"><span class="xs b t2">{t('fig.title')}</span>{f.funnel.ordered > 0 && <span class="xs t2 end">{t('fig.paid', { n: paid })}</span>}</div>
      <div class="row base wrap">{gmv.length === 0 ? <span class="num huge">0</span> : gmv.map((g, i) => <span key={g.ordered.currency} class={`num${i === 0 ? ' huge' : ' second'}`} data-testid={`gmv-${g.ordered.currency}`}>{moneyText(g.ordered)}</span>)}</div>
      <div class="row base funnel">
        <span><b class="num" data-testid="fig-claims">{count(f.claims)}</b> <i>{t('fig.claims')}</i></span><Icon name="chev" size={16} />
        <span><b class="num" data-testid="fig-orders">{count(f.orders)}</b> <i>{t('fig.orders')}</i></span><Icon name="chev" size={16} />
        <span class="paid"><b class="num">{count(f.funnel.paid)}</b> <i>{t('fig.paidN')}</i></span>
      </div>
    </section>
  );
}
