import { useEffect, useState } from 'preact/hooks';
import { getBill, type Bill } from '../api/buy.ts';
import { asProblem, type ProblemCode } from '../api/http.ts';
import { CheckoutCtrl } from '../checkout/ctrl.ts';
import { Checkout, usePick } from '../checkout/view.tsx';
import { rememberShop } from '../shop/cart.ts';
import { tp } from '../pay/strings.ts';
import { Page, Wait } from '../shop/page.tsx';
import { t } from '../shop/strings.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Logo } from '../ui/icon.tsx';

function Settled({ b }: { b: Bill }) {
  if (b.state === 'ordered' && b.order) {
    const link = `/o/${b.order}${b.order_secret ? `?s=${b.order_secret}` : ''}`;
    return <div class="empty"><Logo size={40} /><b>{t('bill.ordered')}</b><a class="btn pri" href={link}>{t('bill.toOrder')}</a></div>;
  }
  return <div class="empty"><Logo size={40} /><b>{t('bill.gone')}</b><span class="sm t2">{t('bill.goneText')}</span><a class="btn s" href={`/s/${b.show_id}`}>{tp('order.another')}</a></div>;
}

/** One buyer's open things of a show at `/b/{id}?s=`: checkout without signing in. */
export function BillPage({ id }: { id: string }) {
  const [secret] = useState(() => new URLSearchParams(location.search).get('s'));
  const [b, setBill] = useState<Bill | null>(null);
  const [ctrl, setCtrl] = useState<CheckoutCtrl | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const look = (): void => {
    getBill(id, secret).then((x) => {
      rememberShop(x.shop.slug);
      setBill(x);
      setFailed(null);
      if (x.state === 'open') setCtrl(new CheckoutCtrl({ bill: id, ...(secret ? { secret } : {}) }, x.quote));
    }, (e: unknown) => setFailed(asProblem(e).code));
  };
  useEffect(look, [id, secret]);
  usePick(ctrl);
  if (b && ctrl) return <Checkout ctrl={ctrl} title={t('bill.title')} shop={b.shop.slug} />;
  return (
    <Page title={t('bill.title')} testId="bill-page">
      {b && <Settled b={b} />}
      {!b && failed && <ErrorBox cause={failed} retry={look} />}
      {!b && !failed && <Wait />}
    </Page>
  );
}
