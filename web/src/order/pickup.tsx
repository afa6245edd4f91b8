import { useState } from 'preact/hooks';
import type { Order } from '../api/buy.ts';
import { Chains, ChainMark, storeName, toMap } from '../checkout/store.tsx';
import { tp } from '../pay/strings.ts';
import { Icon } from '../ui/icon.tsx';

const chains = ['711', 'family', 'hilife', 'ok'];

/** The store has closed: another one, by the same map. */
export function OtherStore({ o, secret }: { o: Order; secret: string | null }) {
  const [chain, choose] = useState(o.address.chain ?? '711');
  const [failed, fail] = useState(false);
  if (!o.can.store) return null;
  const pick = (): void => {
    fail(false);
    void toMap({ chain, order: o.no, ...(secret ? { secret } : {}), cod: o.pay_method === 'cod' }).then((why) => fail(why !== null));
  };
  return (
    <section class="card stack" data-testid="store-closed">
      <p class="note warn" role="status"><Icon name="store" size={18} /><span>{tp('store.closed', { store: storeName(o.address.chain, o.address.store_name) })}</span></p>
      <Chains chains={chains} chosen={chain} choose={choose} />
      {failed && <p class="errmsg" role="alert"><Icon name="warn" size={16} /><span>{tp('store.failed')}</span></p>}
      <button type="button" class="btn pri wide" data-testid="store-change" onClick={pick}><Icon name="pin" />{tp('store.pick')}</button>
    </section>
  );
}

/** What to say at the store's counter, and where it is. */
export function PickUp({ o }: { o: Order }) {
  const a = o.address;
  if (o.status !== 'at_store' || a.kind !== 'cvs') return null;
  const where = [storeName(a.chain, a.store_name), a.store_address].filter(Boolean).join(' ');
  return (
    <div class="pickup" data-testid="pickup">
      <span class="last3"><span class="xs t2">{tp('store.last3')}</span><b class="num">{a.phone.slice(-3)}</b></span>
      <span class="grow"><b class="row"><ChainMark chain={a.chain ?? ''} />{storeName(a.chain, a.store_name)}</b>{a.store_address && <span class="sm t2 blk-l">{a.store_address}</span>}</span>
      <a class="btn s" target="_blank" rel="noreferrer" href={`https://www.google.com/maps/search/?api=1&query=${encodeURIComponent(where)}`}>{tp('store.map')}</a>
    </div>
  );
}
