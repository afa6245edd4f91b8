import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { Quote } from '../api/buy.ts';
import { session } from '../api/http.ts';
import type { Market } from '../api/types.ts';
import { pick } from '../i18n/format.ts';
import { Price, ReceiptLine, Ring } from '../shop/bits.tsx';
import { payPath, orderPath } from '../pay/path.ts';
import { rememberWay } from '../pay/ways.ts';
import { cart, cartPath, lastShop, readCart } from '../shop/cart.ts';
import { CouponChoice } from '../shop/coupons.tsx';
import { marketNow, moneyText } from '../shop/money.ts';
import { Page, Wait } from '../shop/page.tsx';
import { t } from '../shop/strings.ts';
import { tp } from '../pay/strings.ts';
import { nowMs } from '../ui/clock.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon, Logo } from '../ui/icon.tsx';
import { go } from '../ui/route.ts';
import { CheckoutCtrl } from './ctrl.ts';
import { FaultText, Field } from './fields.tsx';
import { How } from './how.tsx';
import { StorePicker } from './store.tsx';
import { needsInvoice, withAddress, type Diff, type InvoiceKind } from './form.ts';
import '../pay/style.css';
import './style.css';

const cities = ['台北市', '新北市', '基隆市', '桃園市', '新竹市', '新竹縣', '苗栗縣', '台中市', '彰化縣', '南投縣', '雲林縣', '嘉義市', '嘉義縣', '台南市',
  '高雄市', '屏東縣', '宜蘭縣', '花蓮縣', '台東縣', '澎湖縣', '金門縣', '連江縣'];

function Block({ n, title, end, children }: { n: number; title: string; end?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="blk">
      <h2 class="sec"><span class="stepno" aria-hidden="true">{n}</span><span class="grow">{title}</span>{end}</h2>
      {children}
    </section>
  );
}

interface Part {
  ctrl: CheckoutCtrl;
  q: Quote;
}

function Who({ ctrl, q }: Part) {
  const last = q.addresses[0];
  const other = last && last.name !== ctrl.form.value.name;
  const isAccount = session.value?.kind === 'account';
  useEffect(() => {
    if (isAccount) void ctrl.takeMail();
  }, [ctrl, isAccount]);
  return (
    <Block n={1} title={tp('co.who')}>
      {other && (
        <p class="saved sm"><span class="grow">{tp('co.saved')}: <b>{last.name}</b> {last.line ?? last.store_name}</span>
          <button type="button" class="btn s" onClick={() => void ctrl.choose(withAddress(ctrl.form.value, last))}>{tp('co.use')}</button></p>
      )}
      <div class="two">
        <Field ctrl={ctrl} field="name" label={tp('co.name')} input={{ autoComplete: 'name', maxLength: 60 }} />
        <Field ctrl={ctrl} field="phone" label={tp('co.phone')} input={{ autoComplete: 'tel', inputMode: 'tel', maxLength: 20 }} num />
      </div>
      <Field ctrl={ctrl} field="email" label={tp('co.email')} input={{ type: 'email', autoComplete: 'email', inputMode: 'email', autoCapitalize: 'none', maxLength: 120 }} />
    </Block>
  );
}

function HomeFields({ ctrl, m }: { ctrl: CheckoutCtrl; m: Market }) {
  const th = m === 'TH';
  return (
    <div class="stack">
      {th && <Field ctrl={ctrl} field="line" label={tp('co.line.TH')} input={{ autoComplete: 'street-address', maxLength: 120 }} />}
      <div class="two post">
        <Field ctrl={ctrl} field="postcode" label={tp('co.postcode')} input={{ autoComplete: 'postal-code', inputMode: 'numeric', maxLength: 6 }} num />
        <Field ctrl={ctrl} field="city" label={tp(`co.city.${m}`)} input={{ autoComplete: 'address-level1', maxLength: 40, ...(th ? {} : { list: 'cities' }) }} />
      </div>
      <div class={th ? 'two' : ''}>
        <Field ctrl={ctrl} field="district" label={tp(`co.district.${m}`)} input={{ autoComplete: 'address-level2', maxLength: 40 }} />
        {th && <Field ctrl={ctrl} field="subdistrict" label={tp('co.subdistrict')} input={{ autoComplete: 'address-level3', maxLength: 40 }} />}
      </div>
      {!th && <Field ctrl={ctrl} field="line" label={tp('co.line.TW')} input={{ autoComplete: 'street-address', maxLength: 120 }} />}
      {!th && <datalist id="cities">{cities.map((c) => <option key={c} value={c}>{c}</option>)}</datalist>}
    </div>
  );
}

function Where({ ctrl, q }: Part) {
  const f = ctrl.form.value;
  return (
    <Block n={2} title={tp('co.where')}>
      {q.deliveries.length > 1 && (
        <div class="seg ways" role="group" aria-label={tp('co.where')}>
          {q.deliveries.map((d) => (
            <button key={d.id} type="button" aria-pressed={f.delivery === d.id} data-testid={`co-${d.id}`} onClick={() => void ctrl.choose({ delivery: d.id })}>
              <Icon name={d.id === 'cvs' ? 'store' : 'truck'} size={18} />{tp(`co.${d.id}`)} <span class="num">{moneyText(d.fee)}</span>
            </button>
          ))}
        </div>
      )}
      {f.delivery === 'cvs' ? <StorePicker ctrl={ctrl} q={q} chains={q.deliveries.find((d) => d.id === 'cvs')?.chains ?? []} /> : <HomeFields ctrl={ctrl} m={q.market} />}
    </Block>
  );
}

function DiffLine({ d }: { d: Diff }) {
  switch (d.is) {
    case 'gone':
      return <div class="sm">{tp('co.diffGone', { name: d.name })}</div>;
    case 'new':
      return <div class="sm">{tp('co.diffNew', { name: d.name })}</div>;
    default:
      return (
        <div class="sm">{d.is === 'price' ? d.code : tp('co.diffTotal')} <s class="was">{moneyText(d.old)}</s> → <b class="num">{moneyText(d.now)}</b></div>
      );
  }
}

/** What is other than what was shown: marked, never silent. */
function Diffs({ ctrl }: { ctrl: CheckoutCtrl }) {
  const all = ctrl.diffs.value;
  if (all.length === 0) return null;
  return (
    <div class="diff" role="alert" data-testid="price-diff">
      <b class="row"><Icon name="info" size={18} />{tp('co.diff')}</b>
      {all.map((d, i) => <DiffLine key={i} d={d} />)}
    </div>
  );
}

const kinds: InvoiceKind[] = ['member', 'mobile', 'donate', 'company'];

function InvoiceChoice({ ctrl }: { ctrl: CheckoutCtrl }) {
  const kind = ctrl.form.value.invoice;
  return (
    <fieldset class="inv">
      <legend class="sm b t2">{tp('co.invoice')}</legend>
      <div class="chips">
        {kinds.map((k) => (
          <button key={k} type="button" class="chip" aria-pressed={kind === k} data-testid={`inv-${k}`} onClick={() => ctrl.set({ invoice: k })}>{tp(`inv.${k}`)}</button>
        ))}
      </div>
      {kind === 'member' && <p class="xs t2">{tp('inv.memberText')}</p>}
      {kind === 'mobile' && <Field ctrl={ctrl} field="carrier" label={tp('inv.carrier')} input={{ placeholder: '/ABC1234', autoCapitalize: 'characters', autoComplete: 'off', maxLength: 12 }} num />}
      {kind === 'donate' && <Field ctrl={ctrl} field="love_code" label={tp('inv.love')} input={{ inputMode: 'numeric', autoComplete: 'off', maxLength: 7 }} num />}
      {kind === 'company' && (
        <div class="two post">
          <Field ctrl={ctrl} field="tax_id" label={tp('inv.taxId')} input={{ inputMode: 'numeric', autoComplete: 'off', maxLength: 8 }} num />
          <Field ctrl={ctrl} field="company" label={tp('inv.titleOf')} input={{ autoComplete: 'organization', maxLength: 60 }} />
        </div>
      )}
    </fieldset>
  );
}

function Exempt({ ctrl, q }: Part) {
  const ticked = ctrl.form.value.exempt;
  return (
    <>
      {q.exempt.map(({ no, reason }) => {
        const line = q.lines.find((l) => l.no === no);
        const name = line ? `${line.code ?? ''} ${pick(line.title).text}`.trim() : '';
        const on = ticked.includes(no);
        return (
          <div key={no}>
            <label class="ex">
              <input type="checkbox" class="cb" name={`exempt-${no}`} checked={on} data-testid="exempt" aria-describedby={`e-exempt-${no}`}
                onChange={() => ctrl.set({ exempt: on ? ticked.filter((x) => x !== no) : [...ticked, no] })} />
              <span class="sm">{tp('co.exempt', { name, why: t(`exempt.${reason as 'other'}`) })}</span>
            </label>
            <FaultText ctrl={ctrl} field={`exempt-${no}`} />
          </div>
        );
      })}
    </>
  );
}

function Sums({ q }: { q: Quote }) {
  return (
    <dl class="dl">
      <dt class="t2">{tp('co.subtotal')}</dt><dd class="num">{moneyText(q.subtotal)}</dd>
      <dt class="t2">{tp('co.shipping')}</dt><dd class="num">{moneyText(q.shipping)}</dd>
      {q.discount.amount > 0 && (
        <><dt class="good b">{q.coupon ? tp('co.coupon', { code: q.coupon.code }) : tp('co.discount')}</dt><dd class="num good">{moneyText({ ...q.discount, amount: -q.discount.amount })}</dd></>
      )}
      <dt class="b">{tp('co.total')} <span class="xs t2 tax">{tp(`co.tax.${q.market}`, { amount: moneyText(q.tax) })}</span></dt>
      <dd data-testid="co-total"><Price of={q.total} size="l" /></dd>
    </dl>
  );
}

function Confirm({ ctrl, q }: Part) {
  return (
    <Block n={4} title={tp('co.confirm')} end={<a class="link sm" href={cartPath(q.shop.slug)}>{tp('co.change')}</a>}>
      <Diffs ctrl={ctrl} />
      {q.lines.map((l) => <ReceiptLine key={l.line_id} line={l} />)}
      <Exempt ctrl={ctrl} q={q} />
      <CouponChoice q={q} chosen={ctrl.form.value.coupon} choose={(id) => void ctrl.choose({ coupon: id })} />
      <hr class="hr" />
      <Sums q={q} />
      {needsInvoice(q) && <InvoiceChoice ctrl={ctrl} />}
      <Field ctrl={ctrl} field="note" label={tp('co.note')} input={{ maxLength: 200, autoComplete: 'off' }} />
      {q.exempt.length < q.lines.length && (
        <div class="note" data-testid="withdrawal"><Icon name="shield" size={18} /><span>{tp('co.withdrawal', { n: q.withdrawal.days })}</span></div>
      )}
    </Block>
  );
}

/** The shop's own, in a tab of their own: what is filled in here stays. */
function Terms({ shop }: { shop: string }) {
  const words = tp('co.terms').split(/(\{\w+\})/);
  return (
    <p class="xs t2 terms">
      {words.map((w) => (w === '{terms}' || w === '{privacy}'
        ? <a key={w} href={`/legal/${w === '{terms}' ? 'terms' : 'privacy'}?shop=${encodeURIComponent(shop)}`} target="_blank" rel="noopener">{tp(w === '{terms}' ? 'co.terms.terms' : 'co.terms.privacy')}</a>
        : w))}
    </p>
  );
}

/** The one button, with the amount in it, and what became of the last press. */
function Foot({ ctrl, q }: Part) {
  const refused = ctrl.refused.value;
  const none = q.total.amount > 0 && !q.pay_methods.some((p) => p.id === q.pay_method && p.available);
  return (
    <>
      {refused && <p class="note bad" role="alert" data-testid="co-refused"><Icon name="warn" size={18} /><span>{tp('co.failed')}</span></p>}
      <Terms shop={q.shop.slug} />
      <button type="submit" form="checkout" class="btn pri lg wide" data-testid="place" aria-disabled={ctrl.busy.value || none} disabled={none}>
        {ctrl.busy.value ? tp('co.busy') : <>{tp(q.pay_method === 'cod' || q.total.amount === 0 ? 'co.go.cod' : 'co.go.pay')} <Price of={q.total} size="l" /></>}
      </button>
    </>
  );
}

function Gone({ shop }: { shop: string }) {
  return (
    <div class="empty" role="status" data-testid="co-gone">
      <Logo size={40} /><b>{tp('co.gone')}</b><span class="sm t2">{tp('co.goneText')}</span>
      <a class="btn s" href={cartPath(shop)}>{tp('co.toCart')}</a>
    </div>
  );
}

/** The quote is asked for again when a hold has run out and when the page is looked at again. */
function useFresh(ctrl: CheckoutCtrl): void {
  useEffect(() => {
    void ctrl.ask();
    const look = (): void => {
      if (!document.hidden) void ctrl.ask();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [ctrl]);
  const until = ctrl.quote.value?.hold_until ?? null;
  const due = until !== null && until < nowMs.value;
  useEffect(() => {
    if (!due) return undefined;
    const timer = setInterval(() => void ctrl.ask(), 1500);
    return () => clearInterval(timer);
  }, [ctrl, due]);
  const changed = cart.value;
  const before = useRef(changed);
  useEffect(() => {
    if (before.current && changed && before.current !== changed) void ctrl.ask();
    before.current = changed;
  }, [ctrl, changed]);
}

/** One page, four blocks, no account needed. Also the inside of a bill. */
export function Checkout({ ctrl, title, shop }: { ctrl: CheckoutCtrl; title: string; shop: string }) {
  const form = useRef<HTMLFormElement>(null);
  useFresh(ctrl);
  const q = ctrl.quote.value;
  const failed = ctrl.failed.value;
  const faults = ctrl.faults.value;
  const [tries, setTries] = useState(0);
  useEffect(() => { // after a press: to the first thing that is wrong
    const first = ctrl.faults.value[0]?.field;
    if (tries > 0 && first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
  }, [ctrl, tries]);
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    const order = await ctrl.place();
    if (!order) {
      setTries((n) => n + 1);
      return;
    }
    rememberWay(order.market, order.pay_method);
    cart.value = null;
    void readCart(order.shop.slug, marketNow());
    const secret = order.secret ?? null;
    if (order.status !== 'awaiting_payment') {
      go(`${orderPath(order.no, secret)}${secret ? '&' : '?'}new=1`, { replace: true });
      return;
    }
    go(orderPath(order.no, secret), { replace: true }); // where Back leads from paying
    go(payPath(order.no, secret, order.pay_method));
  }
  const ready = q && q.lines.length > 0 ? q : null;
  return (
    <Page title={title} from={cartPath(shop)} testId="checkout-page" plain
      end={ready?.hold_until ? <Ring until={ready.hold_until} /> : undefined} foot={ready && <Foot ctrl={ctrl} q={ready} />}>
      {ready && (
        <form id="checkout" ref={form} onSubmit={(e) => void submit(e)} noValidate data-faults={faults.length || undefined}>
          <Who ctrl={ctrl} q={ready} /><Where ctrl={ctrl} q={ready} /><Block n={3} title={tp('co.how')}><How ctrl={ctrl} q={ready} /></Block><Confirm ctrl={ctrl} q={ready} />
        </form>
      )}
      {ctrl.empty.value && <Gone shop={shop} />}
      {!q && failed && <ErrorBox cause={failed} retry={() => void ctrl.ask()} />}
      {!q && !failed && <div class="pad"><Wait rows={4} /></div>}
    </Page>
  );
}

/** Back from a store's map: its address says what was picked, once. */
export function usePick(ctrl: CheckoutCtrl | null): void {
  useEffect(() => {
    const here = new URL(location.href);
    const key = here.searchParams.get('pick');
    if (!ctrl || !key) return;
    here.searchParams.delete('pick');
    history.replaceState(history.state, '', here.pathname + here.search);
    void ctrl.takePick(key);
  }, [ctrl]);
}

/** `/checkout?shop=` */
export function CheckoutPage() {
  const [shop] = useState(() => new URLSearchParams(location.search).get('shop') ?? lastShop() ?? '');
  const [ctrl] = useState(() => new CheckoutCtrl({ shop, market: marketNow() }));
  usePick(ctrl);
  return <Checkout ctrl={ctrl} title={tp('co.title')} shop={shop} />;
}
