import type { Quote } from '../api/buy.ts';
import { tp } from '../pay/strings.ts';
import { inOrder, lastWay } from '../pay/ways.ts';
import { Ways } from '../pay/ways-list.tsx';
import { Icon } from '../ui/icon.tsx';
import type { CheckoutCtrl } from './ctrl.ts';
import { FaultText } from './fields.tsx';

/** How it is paid; what costs nothing is not. */
export function How({ ctrl, q }: { ctrl: CheckoutCtrl; q: Quote }) {
  if (q.total.amount === 0) return <p class="note ok"><Icon name="gift" size={18} /><span>{tp('none')}</span></p>;
  return (
    <>
      <Ways ways={inOrder(q.pay_methods, lastWay(q.market))} chosen={q.pay_method} label={tp('co.how')} delivery={q.delivery} choose={(id) => void ctrl.choose({ pay: id })} />
      <FaultText ctrl={ctrl} field="pay" />
    </>
  );
}
