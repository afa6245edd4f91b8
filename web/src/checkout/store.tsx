import { useEffect, useState } from 'preact/hooks';
import type { Quote } from '../api/buy.ts';
import { asProblem } from '../api/http.ts';
import { askMap, lastStore, mapSetup, type MapAsk } from '../api/store.ts';
import { leave } from '../pay/leave.ts';
import { tp } from '../pay/strings.ts';
import { Icon } from '../ui/icon.tsx';
import type { CheckoutCtrl } from './ctrl.ts';
import { FaultText, Field } from './fields.tsx';

export const storeName = (chain: string | undefined, name: string | undefined): string => `${chain ? tp(`chain.${chain as 'ok'}`) : ''} ${name ?? ''}`.trim();

const letters: Record<string, string> = { '711': '7', family: 'F', hilife: 'H', ok: 'OK' };

/** A chain's tile: a letter in two of its colours, drawn by us. */
export const ChainMark = ({ chain }: { chain: string }) => <span class={`chain c-${chain}`} aria-hidden="true">{letters[chain] ?? ''}</span>;

interface ChainsProps {
  chains: readonly string[];
  chosen: string;
  choose: (chain: string) => void;
}

export function Chains({ chains, chosen, choose }: ChainsProps) {
  return (
    <div class="chips" role="group" aria-label={tp('co.chain')}>
      {chains.map((c) => (
        <button key={c} type="button" class="chip" aria-pressed={chosen === c} data-testid={`chain-${c}`} onClick={() => choose(c)}><ChainMark chain={c} />{tp(`chain.${c as 'ok'}`)}</button>
      ))}
    </div>
  );
}

/** Leaves for the chain's map. Answers only when it cannot: 'off' where there is none. */
export async function toMap(ask: MapAsk): Promise<'off' | 'failed' | null> {
  try {
    const { action, fields } = await askMap(ask);
    const form = Object.assign(document.createElement('form'), { method: 'post', action, acceptCharset: 'utf-8', hidden: true });
    for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    document.body.append(form);
    leave.by(form);
    return null;
  } catch (e) {
    return asProblem(e).code === 'busy' ? 'off' : 'failed';
  }
}

/** Typed from the chain's own list of stores, where this shop has no map. */
function ByHand({ ctrl, chains }: { ctrl: CheckoutCtrl; chains: readonly string[] }) {
  return (
    <div class="stack">
      <Chains chains={chains} chosen={ctrl.form.value.chain} choose={(chain) => ctrl.set({ chain })} />
      <div class="two post">
        <Field ctrl={ctrl} field="store_id" label={tp('co.storeId')} input={{ inputMode: 'numeric', maxLength: 6, autoComplete: 'off' }} num />
        <Field ctrl={ctrl} field="store_name" label={tp('co.storeName')} input={{ maxLength: 40, autoComplete: 'off' }} />
      </div>
      <p class="xs t2">{tp('co.storeHint')}</p>
    </div>
  );
}

function Picked({ ctrl, change }: { ctrl: CheckoutCtrl; change: () => void }) {
  const f = ctrl.form.value;
  return (
    <div class="picked" data-testid="store-picked" data-store={f.store_id}>
      <ChainMark chain={f.chain} />
      <span class="grow"><b>{storeName(f.chain, f.store_name)}</b>
        {f.store_address && <span class="sm t2 blk-l">{f.store_address}</span>}
        <span class="xs t2 blk-l">{ctrl.storeIsLast.value ? `${tp('store.last')} ` : ''}<span class="num">{f.store_id}</span></span></span>
      <button type="button" class="btn s" data-testid="store-change" onClick={change}>{tp('store.change')}</button>
    </div>
  );
}

function Pick({ ctrl, q, chains, off }: { ctrl: CheckoutCtrl; q: Quote; chains: readonly string[]; off: () => void }) {
  const [busy, setBusy] = useState(false);
  const f = ctrl.form.value;
  const pick = async (): Promise<void> => {
    setBusy(true);
    ctrl.storeTrouble.value = null;
    ctrl.keepAll();
    const why = await toMap({ ...ctrl.mapOf(q), chain: f.chain, cod: q.pay_method === 'cod' });
    setBusy(false);
    if (why === 'off') off();
    else if (why) ctrl.storeTrouble.value = 'failed';
  };
  return (
    <div class="stack">
      <Chains chains={chains} chosen={f.chain} choose={(chain) => ctrl.set({ chain })} />
      <button type="button" name="store_id" class="btn wide" data-testid="store-pick" aria-describedby="e-store_id" aria-disabled={busy} onClick={() => void pick()}>
        <Icon name="pin" />{busy ? tp('store.busy') : tp('store.pick')}
      </button>
      <FaultText ctrl={ctrl} field="store_id" />
      <p class="xs t2">{tp('store.leave')}</p>
    </div>
  );
}

/** Where a parcel waits: the chain's map and back, or the store of the last time. */
export function StorePicker({ ctrl, q, chains }: { ctrl: CheckoutCtrl; q: Quote; chains: readonly string[] }) {
  const [map, setMap] = useState<boolean | null>(null);
  const [changing, change] = useState(false);
  const shop = q.shop.slug;
  useEffect(() => {
    mapSetup(shop).then((s) => setMap(s.map), () => setMap(false));
    lastStore(shop).then(({ store }) => { if (store) ctrl.takeLast(store); }, () => undefined);
  }, [ctrl, shop]);
  const f = ctrl.form.value;
  const trouble = ctrl.storeTrouble.value;
  const picked = f.store_id.trim() !== '' && f.store_name.trim() !== '';
  return (
    <>
      {trouble && <p class="note warn" role="alert" data-testid="store-trouble"><Icon name="warn" size={18} /><span>{tp(`store.${trouble}`)}</span></p>}
      {map === null && !picked && <span class="sk store-wait" />}
      {map === true && picked && !changing && <Picked ctrl={ctrl} change={() => change(true)} />}
      {map === true && (!picked || changing) && <Pick ctrl={ctrl} q={q} chains={chains} off={() => setMap(false)} />}
      {map === null && picked && <Picked ctrl={ctrl} change={() => change(true)} />}
      {map === false && <ByHand ctrl={ctrl} chains={chains} />}
    </>
  );
}
