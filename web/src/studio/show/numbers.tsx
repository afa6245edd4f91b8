import { count } from '../../i18n/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { t } from '../strings.ts';
import type { ShowCtrl } from './ctrl.ts';
import { Spark, spanOf } from './spark.tsx';

const perMinute = 12;
const spans = [2 * perMinute, 5 * perMinute, 10 * perMinute];

/** How many watch, and how that went in the last minutes; likes. */
export function Numbers({ ctrl }: { ctrl: ShowCtrl }) {
  const { now, peak } = ctrl.viewers.value;
  const span = spanOf(ctrl.crowd.value.length, spans);
  const line = ctrl.crowd.value.slice(-span);
  return (
    <section class="gm" aria-label={t('crowd.title')}>
      <div class="row base"><span class="xs b t2">{t('crowd.title')}</span><span class="xs t2 end">{t('crowd.peak')} <b class="num" data-testid="viewers-peak">{count(peak)}</b></span></div>
      <div class="row base"><span class="num huge" data-testid="viewers-now">{count(now)}</span>
        <span class="end likes"><Icon name="heart" size={18} /><b class="num" data-testid="likes">{count(ctrl.likes.value)}</b><span class="xs t2">{t('crowd.likes')}</span></span></div>
      <Spark values={line} top={Math.max(4, peak, ...line) * 1.1} width={span} />
      <span class="xs t2">{t('crowd.span', { n: span / perMinute })}</span>
    </section>
  );
}
