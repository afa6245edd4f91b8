import { useEffect, useState } from 'preact/hooks';
import { getShop, type ShopInfo } from '../api/buy.ts';
import type { Money } from '../api/sale.ts';
import type { Market } from '../api/types.ts';
import { Icon } from '../ui/icon.tsx';
import { moneyText } from './money.ts';
import { t } from './strings.ts';

const known = new Map<string, Promise<ShopInfo>>();

function useShop(slug: string): ShopInfo | null {
  const [got, setGot] = useState<ShopInfo | null>(null);
  useEffect(() => {
    let gone = false;
    const asked = known.get(slug) ?? getShop(slug);
    known.set(slug, asked);
    asked.then((s) => { if (!gone) setGot(s); }, () => known.delete(slug));
    return () => {
      gone = true;
    };
  }, [slug]);
  return got;
}

/** How much more until shipping is free; nothing where the shop has no such rule. */
export function FreeShipping({ shop, market, subtotal }: { shop: string; market: Market; subtotal: Money }) {
  const from = useShop(shop)?.markets.find((m) => m.market === market)?.free_over ?? null;
  if (from === null) return null;
  const rest = Math.max(0, from - subtotal.amount);
  const money = (amount: number): string => moneyText({ amount, currency: subtotal.currency });
  return (
    <div class="card ship" data-testid="free-shipping">
      <div class="row sm"><Icon name="truck" />
        <span>{rest > 0 ? t('cart.moreForFree', { amount: money(rest) }) : t('cart.free')}</span>
        {rest > 0 && <span class="end t2 xs">{t('cart.freeFrom', { amount: money(from) })}</span>}
      </div>
      <div class="bar"><i style={{ width: `${Math.min(100, Math.round((subtotal.amount / Math.max(1, from)) * 100))}%` }} /></div>
    </div>
  );
}
