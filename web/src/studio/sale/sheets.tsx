import { useEffect, useState } from 'preact/hooks';
import type { Listing } from '../../api/sale.ts';
import { parseAmount } from '../../i18n/money.ts';
import { Icon } from '../../ui/icon.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { Words } from '../../ui/words.tsx';
import { t } from '../strings.ts';
import { getDeals } from './api.ts';
import { Code } from './code.tsx';
import type { SaleCtrl } from './ctrl.ts';
import { leftOf } from './run.tsx';

const runs = [60, 180, 300, 600];
const waits = [10, 30, 60];

function closer(ctrl: SaleCtrl): () => void {
  return () => {
    ctrl.panel.value = null;
  };
}

interface NumberProps {
  label: string;
  value: string;
  set: (s: string) => void;
  testId: string;
  wrong?: boolean;
  first?: boolean;
}

function NumberField({ label, value, set, testId, wrong = false, first = false }: NumberProps) {
  return (
    <label class="fld"><span class="lb">{label}</span>
      <input class={`inp num${wrong ? ' err' : ''}`} inputMode="decimal" autoComplete="off" value={value} aria-invalid={wrong} data-testid={testId} {...(first ? { 'data-autofocus': true } : {})} onInput={(e) => set(e.currentTarget.value)} />
    </label>
  );
}

const whole = (s: string): number | null => {
  const text = s.normalize('NFKC').trim();
  return /^\d{1,6}$/.test(text) ? Number(text) : null;
};

/** A flash deal in two acts: the price is the only thing that must be typed. */
function DealSheet({ ctrl, l }: { ctrl: SaleCtrl; l: Listing }) {
  const close = closer(ctrl);
  const left = leftOf(l);
  const [twd, setTwd] = useState('');
  const [thb, setThb] = useState('');
  const [quota, setQuota] = useState(typeof left === 'number' && left > 0 ? String(left) : '10');
  const [each, setEach] = useState('1');
  const [run, setRun] = useState(300);
  const [wait, setWait] = useState(30);
  const [least, setLeast] = useState(10);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    getDeals(ctrl.id).then((d) => {
      setLeast(d.min_countdown_s);
      setWait((w) => Math.max(w, d.min_countdown_s));
    }, () => undefined);
  }, [ctrl]);
  const prices = { TW: parseAmount(twd, 'TWD'), TH: parseAmount(thb, 'THB') };
  const wrong = { twd: twd.trim() !== '' && prices.TW === null, thb: thb.trim() !== '' && prices.TH === null };
  const ready = (prices.TW !== null || prices.TH !== null) && !wrong.twd && !wrong.thb && (whole(quota) ?? 0) > 0 && (whole(each) ?? 0) > 0;
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    if (!ready || busy) return;
    setBusy(true);
    const done = await ctrl.deal(l.id, {
      prices: { ...(prices.TW === null ? {} : { TW: prices.TW }), ...(prices.TH === null ? {} : { TH: prices.TH }) },
      quota: whole(quota) ?? 1, per_buyer_max: whole(each) ?? 1, countdown_s: wait, run_s: run, start: true,
    });
    setBusy(false);
    if (done) close();
  }
  return (
    <Sheet title={t('deal.title')} close={close} testId="deal-sheet">
      <p class="row"><Code code={l.code} /><b><Words of={l.title} /></b></p>
      <form class="stack" onSubmit={(e) => void submit(e)}>
        <div class="pairs"><NumberField label="NT$" value={twd} set={setTwd} testId="deal-twd" wrong={wrong.twd} first /><NumberField label="฿" value={thb} set={setThb} testId="deal-thb" wrong={wrong.thb} /></div>
        <div class="pairs"><NumberField label={t('deal.quota')} value={quota} set={setQuota} testId="deal-quota" /><NumberField label={t('deal.each')} value={each} set={setEach} testId="deal-each" /></div>
        <div role="group" aria-label={t('deal.wait')}><span class="lb sm b t2">{t('deal.wait')}</span>
          <div class="seg">{[...new Set(waits.map((s) => Math.max(s, least)))].map((s) => <button key={s} type="button" aria-pressed={wait === s} data-testid={`deal-wait-${s}`} onClick={() => setWait(s)}>{t('rules.seconds', { n: s })}</button>)}</div></div>
        <div role="group" aria-label={t('deal.run')}><span class="lb sm b t2">{t('deal.run')}</span>
          <div class="seg">{runs.map((s) => <button key={s} type="button" aria-pressed={run === s} onClick={() => setRun(s)}>{t('deal.minutes', { n: s / 60 })}</button>)}</div></div>
        {least > 10 && <p class="xs t2">{t('deal.least', { n: least })}</p>}
        {!ready && <p class="xs t2" id="deal-lacks">{t('deal.lacks')}</p>}
        <div class="sheet-acts"><button type="submit" aria-describedby={ready ? undefined : 'deal-lacks'} class="btn chili" aria-disabled={!ready || busy} data-testid="deal-start"><Icon name="bolt" size={18} />{t('deal.start')}</button></div>
      </form>
    </Sheet>
  );
}

/** An order for who wrote a comment: the listing, then the variant. Two taps. */
function AssistSheet({ ctrl, message, name, text }: { ctrl: SaleCtrl; message: string; name: string; text: string }) {
  const close = closer(ctrl);
  const [at, setAt] = useState<string | null>(ctrl.current.value?.id ?? null);
  const listing = ctrl.run.value.find((l) => l.id === at) ?? null;
  const give = (variant?: string): void => {
    if (!listing) return;
    close();
    void ctrl.assist(message, listing.id, variant, 1);
  };
  return (
    <Sheet title={t('assist.title', { name })} close={close} testId="assist-sheet">
      <p class="quote">{text}</p>
      <div class="assist-codes" role="group" aria-label={t('run.title')}>
        {ctrl.run.value.map((l) => <button key={l.id} type="button" class="btn s" aria-pressed={at === l.id} data-testid="assist-listing" onClick={() => setAt(l.id)}><Code code={l.code} /></button>)}
      </div>
      {listing && (
        <div class="sheet-list">
          {listing.variants.map((v) => (
            <button key={v.id} type="button" class="btn wide" data-testid="assist-give" onClick={() => give(v.id)}>
              <span class="grow">{v.options.join(' ') || <Words of={listing.title} />} ×1</span>{v.left !== null && <span class="sm t2">{t('run.left')} {v.left}</span>}
            </button>
          ))}
        </div>
      )}
    </Sheet>
  );
}

function Units({ ctrl, l }: { ctrl: SaleCtrl; l: Listing }) {
  return (
    <ul class="units">
      {l.variants.map((v) => (
        <li key={v.id} class="row"><span class="grow sm">{v.options.join(' ') || t('prod.single')}</span>
          {v.left !== null && <><button type="button" class="btn s" aria-label={t('run.lessOf', { what: v.options.join(' ') })} data-testid="unit-less" onClick={() => void ctrl.addStock(v.id, -1)}><Icon name="minus" size={18} /></button>
            <b class="num unitn">{v.left}</b>
            <button type="button" class="btn s" aria-label={t('run.moreOf', { what: v.options.join(' ') })} data-testid="unit-more" onClick={() => void ctrl.addStock(v.id, 1)}><Icon name="plus" size={18} /></button></>}
        </li>
      ))}
    </ul>
  );
}

/** One listing: how it is claimed, how much there is, its code. */
function ListingSheet({ ctrl, l }: { ctrl: SaleCtrl; l: Listing }) {
  const close = closer(ctrl);
  const [code, setCode] = useState(l.code);
  const [each, setEach] = useState(String(l.per_buyer_max));
  async function save(e: Event): Promise<void> {
    e.preventDefault();
    const n = whole(each);
    const change = { ...(code.trim() && code.trim() !== l.code ? { code: code.trim() } : {}), ...(n && n !== l.per_buyer_max ? { per_buyer_max: n } : {}) };
    if (Object.keys(change).length === 0 || (await ctrl.edit(l, change))) close();
  }
  return (
    <Sheet title={l.code} close={close} testId="listing-sheet">
      <p class="b"><Words of={l.title} /></p>
      <form class="stack" onSubmit={(e) => void save(e)}>
        <div class="pairs">
          <label class="fld"><span class="lb">{t('run.code')}</span><input class="inp num" value={code} maxLength={8} autoComplete="off" data-testid="listing-code" onInput={(e) => setCode(e.currentTarget.value)} /></label>
          <NumberField label={t('run.each')} value={each} set={setEach} testId="listing-each" />
        </div>
        <div role="group" aria-label={t('run.mode')}><span class="lb sm b t2">{t('run.mode')}</span>
          <div class="seg">{(['auto', 'review', 'off'] as const).map((m) => <button key={m} type="button" aria-pressed={l.claim_mode === m} data-testid={`mode-${m}`} onClick={() => void ctrl.edit(l, { claim_mode: m })}>{t(`claimMode.${m}`)}</button>)}</div></div>
        <Units ctrl={ctrl} l={l} />
        {l.deal && l.deal.state !== 'draft' && <button type="button" class="btn wide danger" data-testid="deal-end" onClick={() => { const d = l.deal; if (d) void ctrl.endDeal(d); }}><Icon name="bolt" size={18} />{t(l.deal.state === 'countdown' ? 'deal.cancel' : 'deal.close')}</button>}
        <div class="sheet-acts">
          <button type="button" class="btn danger" data-testid="listing-remove" onClick={() => { close(); void ctrl.remove(l); }}>{t(l.state === 'shown' ? 'run.withdraw' : 'run.remove')}</button>
          <button type="submit" class="btn pri" data-testid="listing-save">{t('form.save')}</button>
        </div>
      </form>
    </Sheet>
  );
}

/** Whatever the selling asks, over the console. */
export function SaleSheets({ ctrl }: { ctrl: SaleCtrl }) {
  const p = ctrl.panel.value;
  if (!p) return null;
  if (p.is === 'assist') return <AssistSheet ctrl={ctrl} message={p.message} name={p.name} text={p.text} />;
  const l = ctrl.listings.value.find((x) => x.id === p.listing);
  if (!l) return null;
  return p.is === 'deal' ? <DealSheet ctrl={ctrl} l={l} /> : <ListingSheet key={l.id} ctrl={ctrl} l={l} />;
}
