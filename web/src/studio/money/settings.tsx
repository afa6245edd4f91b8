import { useEffect, useState } from 'preact/hooks';
import { asProblem } from '../../api/http.ts';
import { amountField, parseAmount, symbolOf } from '../../i18n/money.ts';
import { Icon } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { useTitle } from '../../ui/title.ts';
import { toast } from '../../ui/toast.tsx';
import { Frame, Head } from '../frame.tsx';
import { copy, problemText } from '../say.ts';
import { shop, shopSlug } from '../shops.ts';
import { t } from '../strings.ts';
import { dropGateway, listGateways, listMethods, setGateway, setMethod, type MethodChange } from './api.ts';
import { methodText } from './marks.tsx';
import { SenderCard } from './sender.tsx';
import { m } from './strings.ts';
import type { GatewayName, GatewayRow, MethodRow } from './types.ts';
import '../orders/style.css';
import './style.css';

const tell = (e: unknown): void => {
  const p = asProblem(e);
  toast(p.code === 'input' ? p.message : problemText(p), 'bad');
};

const currencyOf = (r: MethodRow): string => (r.market === 'TW' ? 'TWD' : 'THB');
const leastMinutes = 5;
const mostMinutes = 43_200;

/** From when to when a way may be used, and for how long it is waited for. */
function Limits({ r, save }: { r: MethodRow; save: (c: MethodChange) => Promise<void> }) {
  const field = (x: MethodRow['min']): string => (x ? amountField(x) : '');
  const [min, setMin] = useState(field(r.min));
  const [max, setMax] = useState(field(r.max));
  const [minutes, setMinutes] = useState(String(r.minutes));
  const amount = (text: string): number | null => (text.trim() ? parseAmount(text, currencyOf(r)) : null);
  const bad = { min: min.trim() !== '' && amount(min) === null, max: max.trim() !== '' && amount(max) === null, minutes: !/^\d+$/.test(minutes) || Number(minutes) < leastMinutes || Number(minutes) > mostMinutes };
  const dirty = min !== field(r.min) || max !== field(r.max) || minutes !== String(r.minutes);
  const wrong = bad.min || bad.max || (r.minutes > 0 && bad.minutes);
  return (
    <div class="row wrap limits">
      <label class="fld"><span class="lb">{m('set.min', { currency: symbolOf(currencyOf(r)) })}</span><input class={`inp num${bad.min ? ' err' : ''}`} inputMode="decimal" value={min} aria-invalid={bad.min} autoComplete="off" onInput={(e) => setMin(e.currentTarget.value)} /></label>
      <label class="fld"><span class="lb">{m('set.max', { currency: symbolOf(currencyOf(r)) })}</span><input class={`inp num${bad.max ? ' err' : ''}`} inputMode="decimal" value={max} aria-invalid={bad.max} autoComplete="off" data-testid="method-max" onInput={(e) => setMax(e.currentTarget.value)} /></label>
      {r.minutes > 0 && <label class="fld"><span class="lb">{m('set.minutes')}</span><input class={`inp num${bad.minutes ? ' err' : ''}`} inputMode="numeric" value={minutes} aria-invalid={bad.minutes} autoComplete="off" data-testid="method-minutes" onInput={(e) => setMinutes(e.currentTarget.value)} /></label>}
      {r.kind === 'code' && <label class="row sm switch"><input type="checkbox" class="cb" checked={r.for_deals} onChange={(e) => void save({ for_deals: e.currentTarget.checked })} />{m('set.deals')}</label>}
      {dirty && <button type="button" class="btn s pri" aria-disabled={wrong} data-testid="method-save" onClick={() => { if (!wrong) void save({ min: amount(min), max: amount(max), ...(r.minutes > 0 ? { minutes: Number(minutes) } : {}) }); }}>{t('form.save')}</button>}
    </div>
  );
}

function Method({ r, put }: { r: MethodRow; put: (r: MethodRow) => void }) {
  const [open, setOpen] = useState(false);
  const save = async (c: MethodChange): Promise<void> => {
    try {
      put(await setMethod(r, shopSlug.value, c));
      toast(t('form.saved'), 'ok');
    } catch (e) {
      tell(e);
    }
  };
  return (
    <li class="methodrow" data-testid="method-row" data-method={r.id}>
      <div class="row">
        <label class="row grow switch" aria-label={methodText(r.id)}><input type="checkbox" class="cb" checked={r.active} disabled={!r.there} data-testid="method-active" onChange={(e) => void save({ active: e.currentTarget.checked })} />
          <span class="grow"><b class="sm">{methodText(r.id)}</b><span class="xs t2">{!r.there ? m('set.noKeys') : r.manual_refund ? m('set.manualRefund') : m('set.autoRefund')}</span></span></label>
        <button type="button" class="icb" aria-expanded={open} aria-label={m('set.limits', { name: methodText(r.id) })} data-testid="method-limits" onClick={() => setOpen(!open)}><Icon name={open ? 'minus' : 'edit'} size={20} /></button>
      </div>
      {open && <Limits key={`${r.minutes}${r.min?.amount}${r.max?.amount}`} r={r} save={save} />}
    </li>
  );
}

const fieldsOf: Record<GatewayName, readonly string[]> = {
  ecpay: ['merchant_id', 'hash_key', 'hash_iv', 'check_code'], ecpay_logistics: ['merchant_id', 'hash_key', 'hash_iv'], ecpay_invoice: ['merchant_id', 'hash_key', 'hash_iv'],
  omise: ['public_key', 'secret_key', 'webhook_secret'],
};

function Keys({ g, put }: { g: GatewayRow; put: (g: GatewayRow) => void }) {
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [inUse, setInUse] = useState('');
  const ready = fieldsOf[g.provider].every((f) => f === 'webhook_secret' || f === 'check_code' || (typed[f] ?? '').trim() !== '') && !busy;
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    if (!ready) return;
    setBusy(true);
    try {
      put(await setGateway(g, shopSlug.value, Object.fromEntries(Object.entries(typed).map(([k, v]) => [k, v.trim()]).filter(([, v]) => v)), inUse !== ''));
      toast(t('form.saved'), 'ok');
    } catch (err) {
      const p = asProblem(err);
      if (p.code === 'conflict') setInUse(p.message);
      else tell(err);
    }
    setBusy(false);
  }
  return (
    <form class="stack" onSubmit={(e) => void submit(e)}>
      {fieldsOf[g.provider].map((f) => <label key={f} class="fld"><span class="lb">{m(`key.${f}` as 'key.hash_key')}</span><input class="inp num" type={f === 'merchant_id' || f === 'public_key' ? 'text' : 'password'} value={typed[f] ?? ''} autoComplete="off" spellcheck={false} data-testid={`key-${f}`} onInput={(e) => setTyped({ ...typed, [f]: e.currentTarget.value })} /></label>)}
      {inUse && <p class="sm" role="alert" data-testid="keys-in-use">{m('keys.inUse')} <span class="t2">{inUse}</span></p>}
      <button type="submit" class="btn pri" aria-disabled={!ready} data-testid="keys-save">{m(inUse ? 'keys.force' : 'keys.save')}</button>
    </form>
  );
}

function Gateway({ g, put }: { g: GatewayRow; put: (g: GatewayRow) => void }) {
  const [open, setOpen] = useState(false);
  const owner = shop.value?.role === 'owner';
  const [inUse, setInUse] = useState('');
  const drop = (): void => void dropGateway(g.provider, shopSlug.value, inUse !== '').then(() => put({ ...g, set: false, from: null, name: null }), (err: unknown) => {
    const p = asProblem(err);
    if (p.code === 'conflict') setInUse(p.message);
    else tell(err);
  });
  return (
    <li class="card stack" data-testid="gateway" data-provider={g.provider}>
      <div class="row wrap"><h3 class="sec grow">{m(`provider.${g.provider}`)}</h3>
        <span class={`pill ${g.set ? 'ok' : ''}`}>{m(g.set ? 'keys.set' : 'keys.none')}</span>{g.set && g.test && <span class="pill warn">{m('keys.test')}</span>}</div>
      {g.set && <p class="sm t2"><span class="num">{g.name}</span> · {m(g.from === 'env' ? 'keys.env' : 'keys.shop')}</p>}
      {g.provider !== 'omise' && g.set && <p class="xs t2">{m('keys.sentAlong')}</p>}
      {g.provider === 'omise' && g.webhooks.length > 0 && <ul class="hooks">{g.webhooks.map((w) => (
        <li key={w.what} class="row"><span class="grow"><span class="xs t2">{m('keys.hook')}</span><code class="xs">{w.url}</code></span>
          <button type="button" class="icb" aria-label={m('keys.copy')} onClick={() => void copy(w.url, m('keys.copied'))}><Icon name="copy" size={18} /></button></li>
      ))}</ul>}
      {owner && g.from === 'env' && <p class="xs t2">{m('keys.fixed')}</p>}
      {owner && g.from !== 'env' && <div class="row wrap"><button type="button" class="btn s" aria-expanded={open} data-testid="keys-open" onClick={() => setOpen(!open)}>{m(g.set ? 'keys.change' : 'keys.enter')}</button>
        {g.from === 'shop' && <button type="button" class="btn s ghost danger" data-testid="keys-drop" onClick={drop}>{m(inUse ? 'keys.dropForce' : 'keys.drop')}</button>}</div>}
      {inUse && <p class="sm" role="alert" data-testid="keys-drop-in-use">{m('keys.inUse')} <span class="t2">{inUse}</span></p>}
      {open && <Keys g={g} put={(n) => { setOpen(false); put(n); }} />}
    </li>
  );
}

/** Which ways to pay a shop offers, within which limits, and by whose keys. */
export function PaySettingsView() {
  useTitle(m('settings.title'));
  const [methods, setMethods] = useState<MethodRow[]>([]);
  const [gateways, setGateways] = useState<GatewayRow[]>([]);
  const load = (): void => {
    listMethods(shopSlug.value).then((got) => setMethods(got.items), tell);
    listGateways(shopSlug.value).then((got) => setGateways(got.items), tell);
  };
  useEffect(load, [shopSlug.value]);
  const put = (r: MethodRow): void => setMethods((was) => was.map((x) => (x.id === r.id && x.market === r.market ? r : x)));
  return (
    <Frame at="money">
      <Head title={m('settings.title')} sub={shop.value?.shop.name} back={() => go('/studio/money/payments')} />
      <div class="g2">
        <div class="stack">{(['TW', 'TH'] as const).map((market) => (
          <section key={market} class="card" data-testid={`methods-${market}`}><h2 class="sec">{t(`market.${market}`)}</h2>
            <ul>{methods.filter((r) => r.market === market).map((r) => <Method key={r.id} r={r} put={put} />)}</ul></section>
        ))}</div>
        <section class="stack" aria-label={m('keys.title')}><h2 class="sec">{m('keys.title')}</h2><p class="sm t2">{m('keys.text')}</p>
          <ul class="stack">{gateways.map((g) => <Gateway key={g.provider} g={g} put={(n) => { setGateways((was) => was.map((x) => (x.provider === n.provider ? n : x))); load(); }} />)}</ul><SenderCard key={String(gateways.some((g) => g.provider === 'ecpay_logistics' && g.set))} /></section>
      </div>
    </Frame>
  );
}
