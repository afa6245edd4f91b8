import { useEffect, useState } from 'preact/hooks';
import { asProblem, call, type Problem, type ProblemCode } from '../../api/http.ts';
import type { Market, Page } from '../../api/types.ts';
import { moneyText, parseAmount, type Money } from '../../i18n/money.ts';
import { nowMs, serverNow } from '../../ui/clock.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon, Logo } from '../../ui/icon.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { useTitle } from '../../ui/title.ts';
import { toast } from '../../ui/toast.tsx';
import { whenText } from '../../ui/when.ts';
import { Frame, Head } from '../frame.tsx';
import { fromField, toField } from '../form/draft.ts';
import { mayRun } from '../roles.ts';
import { Code } from '../sale/code.tsx';
import { problemText } from '../say.ts';
import { shop, shopSlug } from '../shops.ts';
import { t } from '../strings.ts';
import '../sale/style.css';
import './style.css';

export type CouponKind = 'amount' | 'percent' | 'free_ship';

export interface Coupon {
  id: string;
  code: string;
  market: Market;
  kind: CouponKind;
  value: Money | null;
  percent_bp: number | null;
  min_spend: Money | null;
  left: number;
  starts_at: number;
  ends_at: number;
  show_id: string | null;
  quota: number;
  taken: number;
  used: number;
  version: number;
}

export const listCoupons = (slug: string): Promise<Page<Coupon>> => call('GET', `/coupons?shop=${encodeURIComponent(slug)}`);
export const dropCoupon = (id: string, show_id: string): Promise<Coupon> => call('POST', `/coupons/${id}/drop`, { body: { show_id } });

const weekMs = 7 * 86_400_000;
const currencyOf: Record<Market, string> = { TW: 'TWD', TH: 'THB' };

export function worth(c: Coupon): string {
  if (c.kind === 'free_ship') return t('coupon.freeShip');
  return c.kind === 'percent' ? `−${(c.percent_bp ?? 0) / 100}%` : c.value ? `−${moneyText(c.value)}` : '';
}

function Row({ c }: { c: Coupon }) {
  const over = c.ends_at <= nowMs.value || c.left === 0;
  return (
    <li class={`card coupon${over ? ' over' : ''}`} data-testid="coupon-row">
      <span class="worth num">{worth(c)}</span>
      <span class="grow"><span class="row wrap"><Code code={c.code} /><span class="pill">{t(`market.${c.market}`)}</span></span>
        <span class="xs t2">{c.min_spend && c.min_spend.amount > 0 ? t('coupon.min', { amount: moneyText(c.min_spend) }) : t('coupon.noMin')} · {t('coupon.until', { time: whenText(c.ends_at, nowMs.value) })}</span></span>
      <span class="uses"><b class="num">{c.taken}</b><span class="xs t2">/{c.quota} {t('coupon.taken')}</span><span class="meterbar" aria-hidden="true"><i style={{ width: `${(c.taken / c.quota) * 100}%` }} /></span><span class="xs t2">{t('coupon.used', { n: c.used })}</span></span>
    </li>
  );
}

function NewSheet({ close, made }: { close: () => void; made: (c: Coupon) => void }) {
  const [code, setCode] = useState('');
  const [market, setMarket] = useState<Market>('TW');
  const [kind, setKind] = useState<CouponKind>('amount');
  const [value, setValue] = useState('');
  const [min, setMin] = useState('');
  const [quota, setQuota] = useState('50');
  const [ends, setEnds] = useState(toField(serverNow() + weekMs));
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const currency = currencyOf[market];
  const parsed = kind === 'free_ship' ? 0 : kind === 'percent' ? (/^\d{1,2}$/.test(value.normalize('NFKC').trim()) ? Number(value.normalize('NFKC')) * 100 : null) : parseAmount(value, currency);
  const least = min.trim() ? parseAmount(min, currency) : 0;
  const until = fromField(ends);
  const ready = code.trim() !== '' && parsed !== null && least !== null && /^\d{1,6}$/.test(quota.trim()) && until !== null;
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    if (!ready || busy) return;
    setBusy(true);
    setFailed(null);
    try {
      made(await call<Coupon>('POST', `/coupons?shop=${encodeURIComponent(shopSlug.value)}`, {
        body: { code: code.trim(), market, kind, ...(kind === 'free_ship' ? {} : { value: parsed }), min_spend: least, quota: Number(quota.trim()), ends_at: until },
      }));
      toast(t('coupon.made'), 'ok');
      close();
    } catch (err) {
      setFailed(asProblem(err));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Sheet title={t('coupon.new')} close={close} testId="coupon-sheet">
      <form class="stack" onSubmit={(e) => void submit(e)}>
        <label class="fld"><span class="lb">{t('coupon.code')}</span><input class="inp num" value={code} maxLength={20} autoComplete="off" data-autofocus placeholder="LIVE100" data-testid="coupon-code" onInput={(e) => setCode(e.currentTarget.value.toUpperCase())} /></label>
        <div class="seg" role="group" aria-label={t('coupon.kind')}>{(['amount', 'percent', 'free_ship'] as const).map((k) => <button key={k} type="button" aria-pressed={kind === k} data-testid={`kind-${k}`} onClick={() => setKind(k)}>{t(`couponKind.${k}`)}</button>)}</div>
        <div class="seg" role="group" aria-label={t('coupon.market')}>{(['TW', 'TH'] as const).map((m) => <button key={m} type="button" aria-pressed={market === m} onClick={() => setMarket(m)}>{t(`market.${m}`)}</button>)}</div>
        <div class="pairs">
          {kind !== 'free_ship' && <label class="fld"><span class="lb">{kind === 'percent' ? t('coupon.percent') : t('coupon.amount', { currency })}</span><input class="inp num" inputMode="decimal" value={value} autoComplete="off" data-testid="coupon-value" onInput={(e) => setValue(e.currentTarget.value)} /></label>}
          <label class="fld"><span class="lb">{t('coupon.minLabel', { currency })}</span><input class="inp num" inputMode="decimal" value={min} autoComplete="off" placeholder="0" data-testid="coupon-min" onInput={(e) => setMin(e.currentTarget.value)} /></label>
          <label class="fld"><span class="lb">{t('coupon.quota')}</span><input class="inp num" inputMode="numeric" value={quota} autoComplete="off" data-testid="coupon-quota" onInput={(e) => setQuota(e.currentTarget.value)} /></label>
          <label class="fld"><span class="lb">{t('coupon.ends')}</span><input class="inp" type="datetime-local" value={ends} data-testid="coupon-ends" onInput={(e) => setEnds(e.currentTarget.value)} /></label>
        </div>
        {failed && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{failed.code === 'input' ? failed.message : failed.status === 409 ? t('coupon.exists') : problemText(failed)}</span></p>}
        <div class="sheet-acts"><button type="submit" class="btn pri" aria-disabled={!ready || busy} data-testid="coupon-save">{t('coupon.save')}</button></div>
      </form>
    </Sheet>
  );
}

/** Coupons of the shop: how many were taken and used, and a new one. */
export function CouponList() {
  useTitle(t('nav.coupons'));
  const [all, setAll] = useState<Coupon[] | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const [making, setMaking] = useState(false);
  const load = (): void => {
    listCoupons(shopSlug.value).then((p) => { setAll(p.items); setFailed(null); }, (e: unknown) => setFailed(asProblem(e).code));
  };
  useEffect(load, [shopSlug.value]);
  const edits = mayRun(shop.value?.role ?? null);
  return (
    <Frame at="coupons">
      <Head title={t('nav.coupons')}>{edits && <button type="button" class="btn pri" data-testid="coupon-new" onClick={() => setMaking(true)}><Icon name="plus" size={18} />{t('coupon.new')}</button>}</Head>
      {!all && failed && <ErrorBox cause={failed} retry={load} />}
      {all?.length === 0 && <div class="card empty" data-testid="empty"><Logo size={40} /><b>{t('coupon.emptyTitle')}</b><span class="sm t2">{t('coupon.emptyText')}</span></div>}
      <ul class="cards">{all?.map((c) => <Row key={c.id} c={c} />)}</ul>
      {making && <NewSheet close={() => setMaking(false)} made={(c) => setAll([c, ...(all ?? [])])} />}
    </Frame>
  );
}
