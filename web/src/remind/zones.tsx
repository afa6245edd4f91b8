import { useEffect, useState } from 'preact/hooks';
import { getShop } from '../api/buy.ts';
import type { Market, Show } from '../api/types.ts';
import { ta } from '../pwa/strings.ts';

const zones: Record<Market, string> = { TW: 'Asia/Taipei', TH: 'Asia/Bangkok' };

const clockIn = (ms: number, zone?: string): string =>
  new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit', ...(zone ? { timeZone: zone } : {}) }).format(ms);

const timeIn = (ms: number, zone: string): string =>
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(ms);

/** Markets of the show in which it starts at another hour than here. */
export const elsewhere = (markets: readonly Market[], ms: number): Market[] => markets.filter((m) => clockIn(ms, zones[m]) !== clockIn(ms));

/** When it starts where the show sells, for who is somewhere else. */
export function Zones({ show }: { show: Show }) {
  const [markets, setMarkets] = useState<Market[]>([]);
  useEffect(() => {
    getShop(show.shop.slug).then((s) => setMarkets(s.markets.filter((m) => m.active).map((m) => m.market)), () => undefined);
  }, [show.shop.slug]);
  const at = show.starts_at;
  if (at === null) return null;
  const others = elsewhere(markets, at);
  if (others.length === 0) return null;
  return <p class="zones" data-testid="zones">{others.map((m) => <span key={m} class="num">{ta('zone.at', { place: ta(`zone.${m}`), time: timeIn(at, zones[m]) })}</span>)}</p>;
}
