import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asProblem, loadSession, session, type ProblemCode } from '../api/http.ts';
import { NotFound } from '../notfound/view.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Logo } from '../ui/icon.tsx';
import { go } from '../ui/route.ts';
import { CouponList } from './coupons/view.tsx';
import { OrderPage } from './orders/one.tsx';
import { OrderList } from './orders/view.tsx';
import { PackingPage } from './packing/view.tsx';
import { ProductEdit } from './products/edit.tsx';
import { ProductList } from './products/view.tsx';
import { MoneyPage, OnePayment, PaySettings } from './money/door.tsx';
import { LegalTexts, PrivacyDesk } from './legal/door.tsx';
import { NewShow } from './form/view.tsx';
import { Frame } from './frame.tsx';
import { ShowList } from './list/view.tsx';
import { ReportPage } from './report/view.tsx';
import { Settings } from './settings/view.tsx';
import { ShowScreen } from './show/view.tsx';
import { t } from './strings.ts';

const showPath = /^\/studio\/shows\/([a-z]{3}_[0-9a-z_]{1,32})$/;
const reportPath = /^\/studio\/shows\/([a-z]{3}_[0-9a-z_]{1,32})\/report$/;
const orderPath = /^\/studio\/orders\/([A-Z]\d{6}-\d{4,8})$/;
const productPath = /^\/studio\/products\/(new|prd_[0-9a-z_]{1,32})$/;
const paymentPath = /^\/studio\/money\/payments\/(pay_[0-9a-z_]{1,32})$/;
const moneyPath = /^\/studio\/money(?:\/(payments|refunds|orphans|ledger))?$/;
const failed = signal<ProblemCode | null>(null);

async function whoAmI(): Promise<void> {
  failed.value = null;
  try {
    await loadSession();
  } catch (e) {
    failed.value = asProblem(e).code;
  }
}

/** Signed in, but in no shop: says what to do about it. */
function NoShop() {
  return (
    <Frame at="none">
      <div class="empty" data-testid="no-shop">
        <Logo size={40} />
        <b>{t('noShop.title')}</b>
        <span class="sm t2">{t('noShop.text', { name: session.value?.viewer?.name ?? '' })}</span>
      </div>
    </Frame>
  );
}

/** Who only packs has nothing to do with shows: their first screen is what is to be packed. */
const packsOnly = (): boolean => session.value?.staff.every((s) => s.role === 'packer') ?? false;

function Screen({ path }: { path: string }) {
  const show = showPath.exec(path)?.[1];
  if (show) return <ShowScreen key={show} id={show} />;
  if (path === '/studio/new') return <NewShow />;
  const report = reportPath.exec(path)?.[1];
  if (report) return <ReportPage key={report} id={report} />;
  const order = orderPath.exec(path)?.[1];
  if (order) return <OrderPage key={order} no={order} />;
  if (path === '/studio') return packsOnly() ? <PackingPage /> : <ShowList />;
  if (path === '/studio/orders') return <OrderList />;
  if (path === '/studio/packing') return <PackingPage />;
  if (path === '/studio/coupons') return <CouponList />;
  if (path === '/studio/settings') return <Settings />;
  if (path === '/studio/products') return <ProductList />;
  if (path === '/studio/legal') return <LegalTexts />;
  if (path === '/studio/privacy') return <PrivacyDesk />;
  const product = productPath.exec(path)?.[1];
  if (product) return <ProductEdit key={product} id={product === 'new' ? null : product} />;
  if (path === '/studio/money/settings') return <PaySettings />;
  const payment = paymentPath.exec(path)?.[1];
  if (payment) return <OnePayment key={payment} id={payment} />;
  const money = moneyPath.exec(path);
  if (money) return <MoneyPage key={money[1] ?? ''} tab={money[1] ?? 'payments'} />;
  return <NotFound />;
}

export function Screens({ path }: { path: string }) {
  const who = session.value;
  const away = who !== null && who.kind !== 'account';
  useEffect(() => {
    if (!who) void whoAmI();
    if (away) go(`/signin?next=${encodeURIComponent(path)}`, { replace: true });
  }, [who, away, path]);
  if (!who && failed.value) return <ErrorBox cause={failed.value} retry={() => void whoAmI()} />;
  if (!who || away) return <div class="screen-wait" />;
  return who.staff.length === 0 ? <NoShop /> : <Screen path={path} />;
}
