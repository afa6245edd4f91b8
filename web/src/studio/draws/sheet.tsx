import { useEffect, useState } from 'preact/hooks';
import { asProblem, call, type Problem } from '../../api/http.ts';
import type { Localized, Market } from '../../api/types.ts';
import { count, pick } from '../../i18n/format.ts';
import { lang } from '../../i18n/index.ts';
import { Icon } from '../../ui/icon.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { toast } from '../../ui/toast.tsx';
import { Words } from '../../ui/words.tsx';
import { dropCoupon, listCoupons, worth, type Coupon } from '../coupons/view.tsx';
import { Thumb } from '../products/cells.tsx';
import { Code } from '../sale/code.tsx';
import type { SaleCtrl } from '../sale/ctrl.ts';
import { problemText } from '../say.ts';
import { shopSlug } from '../shops.ts';
import { t } from '../strings.ts';

interface Draw {
  id: string;
  market: Market;
  rule: Localized;
  prize: { variant_id: string; title: Localized; options: string[]; image: string | null };
  winners_n: number;
  permit_no: string | null;
  state: 'draft' | 'open' | 'frozen' | 'drawn' | 'closed' | 'cancelled';
  commit: string | null;
  n: number;
  winners: { rank: number; name_masked: string; state: 'won' | 'ordered' | 'passed' }[];
}

const lookMs = 2000;
const shownHash = 16;

/** The next step of a draw, and no other. */
const step = { draft: 'open', open: 'freeze', frozen: 'draw' } as const;

function DrawBox({ d, act }: { d: Draw; act: (d: Draw, what: 'open' | 'freeze' | 'draw' | 'cancel') => void }) {
  const next = d.state in step ? step[d.state as keyof typeof step] : null;
  const lacks = d.state === 'draft' && d.market === 'TH' && !d.permit_no;
  return (
    <li class="card drawbox" data-testid="draw" data-state={d.state}>
      <p class="row"><Thumb src={d.prize.image} /><span class="grow"><b><Words of={d.prize.title} /></b> <span class="t2">{d.prize.options.join(' ')}</span><span class="xs t2 blockline"><Words of={d.rule} /></span></span><span class="pill">{t(`draw.${d.state}`)}</span></p>
      <p class="row wrap sm"><span>{t('draw.entries')} <b class="num" data-testid="draw-n">{count(d.n)}</b></span><span>{t('draw.winnersN', { n: d.winners_n })}</span>{d.commit && <span class="xs t2 num">{t('draw.commit')} {d.commit.slice(0, shownHash)}…</span>}</p>
      {d.winners.length > 0 && <p class="sm b" data-testid="winners">{d.winners.filter((w) => w.state !== 'passed').map((w) => w.name_masked).join('、')}</p>}
      {lacks && <p class="note warn"><Icon name="warn" size={18} /><span>{t('draw.permit')}</span></p>}
      <div class="row wrap">
        {next && <button type="button" class="btn s warmth" aria-disabled={lacks} data-testid={`draw-${next}`} onClick={() => { if (!lacks) act(d, next); }}>{t(`drawTo.${next}`)}</button>}
        {(d.state === 'draft' || d.state === 'open') && <button type="button" class="btn s ghost" data-testid="draw-cancel" onClick={() => act(d, 'cancel')}>{t('drawTo.cancel')}</button>}
      </div>
    </li>
  );
}

function NewDraw({ ctrl, made }: { ctrl: SaleCtrl; made: (d: Draw) => void }) {
  const [rule, setRule] = useState('');
  const [variant, setVariant] = useState('');
  const [winners, setWinners] = useState('1');
  const [market, setMarket] = useState<Market>(lang.value === 'th' ? 'TH' : 'TW');
  const [permit, setPermit] = useState('');
  const [failed, setFailed] = useState<Problem | null>(null);
  const ready = rule.trim() !== '' && variant !== '' && /^[1-9]\d{0,2}$/.test(winners.trim());
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    if (!ready) return;
    setFailed(null);
    try {
      made(await call<Draw>('POST', `/shows/${ctrl.id}/giveaways`, {
        body: { market, rule: { [lang.value]: rule.trim() }, variant_id: variant, winners_n: Number(winners), ...(permit.trim() ? { permit_no: permit.trim() } : {}) },
      }));
      setRule('');
    } catch (err) {
      setFailed(asProblem(err));
    }
  }
  return (
    <form class="stack" onSubmit={(e) => void submit(e)}>
      <label class="fld"><span class="lb">{t('draw.prize')}</span>
        <select class="inp" value={variant} data-autofocus data-testid="draw-prize" onChange={(e) => setVariant(e.currentTarget.value)}>
          <option value="">{t('draw.pickPrize')}</option>
          {ctrl.run.value.map((l) => l.variants.map((v) => <option key={v.id} value={v.id}>{l.code} {pick(l.title).text} {v.options.join(' ')}</option>))}
        </select></label>
      <label class="fld"><span class="lb">{t('draw.rule')}</span><input class="inp" value={rule} maxLength={200} autoComplete="off" placeholder={t('draw.ruleHint')} data-testid="draw-rule" onInput={(e) => setRule(e.currentTarget.value)} /></label>
      <div class="pairs">
        <label class="fld"><span class="lb">{t('draw.winners')}</span><input class="inp num" inputMode="numeric" value={winners} autoComplete="off" data-testid="draw-winners" onInput={(e) => setWinners(e.currentTarget.value)} /></label>
        <label class="fld"><span class="lb">{t('coupon.market')}</span><select class="inp" value={market} data-testid="draw-market" onChange={(e) => setMarket(e.currentTarget.value as Market)}><option value="TW">{t('market.TW')}</option><option value="TH">{t('market.TH')}</option></select></label>
      </div>
      {market === 'TH' && <label class="fld"><span class="lb">{t('draw.permitNo')}</span><input class="inp" value={permit} maxLength={60} autoComplete="off" data-testid="draw-permit" onInput={(e) => setPermit(e.currentTarget.value)} /></label>}
      {failed && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{failed.code === 'input' ? failed.message : problemText(failed)}</span></p>}
      {!ready && <p class="xs t2" id="draw-lacks">{t('draw.lacks')}</p>}
      <button type="submit" class="btn wide" aria-describedby={ready ? undefined : 'draw-lacks'} aria-disabled={!ready} data-testid="draw-make">{t('draw.make')}</button>
    </form>
  );
}

function Drops({ show }: { show: string }) {
  const [all, setAll] = useState<Coupon[]>([]);
  useEffect(() => {
    listCoupons(shopSlug.value).then((p) => setAll(p.items.filter((c) => c.left > 0 && c.ends_at > Date.now())), () => undefined);
  }, []);
  async function drop(c: Coupon): Promise<void> {
    try {
      await dropCoupon(c.id, show);
      toast(t('drop.done', { code: c.code }), 'ok');
    } catch (e) {
      toast(problemText(asProblem(e)), 'bad');
    }
  }
  if (all.length === 0) return null;
  return (
    <section><h3 class="sec">{t('drop.title')}</h3>
      <ul class="sheet-list">{all.map((c) => <li key={c.id}><button type="button" class="btn wide" data-testid="coupon-drop" onClick={() => void drop(c)}><Code code={c.code} /><span class="grow num">{worth(c)}</span><span class="xs t2">{c.left}</span></button></li>)}</ul>
    </section>
  );
}

/** Presents for the room: coupons to drop, and draws that can be proved. */
export function GiftSheet({ ctrl, close }: { ctrl: SaleCtrl; close: () => void }) {
  const [draws, setDraws] = useState<Draw[]>([]);
  const [making, setMaking] = useState(false);
  useEffect(() => {
    const load = (): void => void call<{ items: Draw[] }>('GET', `/shows/${ctrl.id}/giveaways`).then((got) => setDraws(got.items), () => undefined);
    load();
    const timer = setInterval(load, lookMs);
    return () => clearInterval(timer);
  }, [ctrl]);
  const put = (d: Draw): void => setDraws((all) => (all.some((x) => x.id === d.id) ? all.map((x) => (x.id === d.id ? d : x)) : [d, ...all]));
  async function act(d: Draw, what: 'open' | 'freeze' | 'draw' | 'cancel'): Promise<void> {
    try {
      put(await call<Draw>('POST', `/giveaways/${d.id}/${what}`, { body: {} }));
    } catch (e) {
      const p = asProblem(e);
      toast(p.code === 'input' || p.code === 'conflict' ? p.message : problemText(p), 'bad');
    }
  }
  const shown = draws.filter((d) => d.state !== 'cancelled');
  return (
    <Sheet title={t('gift.title')} close={close} testId="gift-sheet">
      <Drops show={ctrl.id} />
      <h3 class="sec">{t('draw.title')}</h3>
      <ul class="sheet-list">{shown.map((d) => <DrawBox key={d.id} d={d} act={(x, what) => void act(x, what)} />)}</ul>
      {making || shown.length === 0 ? <NewDraw ctrl={ctrl} made={(d) => { put(d); setMaking(false); }} /> : <button type="button" class="btn wide" data-testid="draw-new" onClick={() => setMaking(true)}><Icon name="plus" size={18} />{t('draw.new')}</button>}
      <p class="xs t2">{t('draw.limit')}</p>
    </Sheet>
  );
}
