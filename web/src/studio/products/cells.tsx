import { amountText } from '../../i18n/money.ts';
import type { Left } from '../../api/sale.ts';
import { Icon, Logo } from '../../ui/icon.tsx';
import { t } from '../strings.ts';
import type { Price, Product } from './types.ts';

const full = 60;
const few = 10;

export function Thumb({ src }: { src: string | null }) {
  return src ? <img class="thumb" src={src} alt="" loading="lazy" width={56} height={56} /> : <span class="thumb none"><Logo size={22} /></span>;
}

/** How much is left: a bar to compare by, and the number. */
export function Stock({ left }: { left: Left }) {
  if (left === null) return <span class="t2 sm">{t('prod.endless')}</span>;
  const n = typeof left === 'number' ? left : Number.parseInt(left, 10);
  const low = n <= few;
  return (
    <span class={`stock${low ? ' low' : ''}`}>
      <span class="bar" aria-hidden="true"><i style={{ width: `${Math.min(100, Math.round((n / full) * 100))}%` }} /></span>
      <b class="num">{left}</b>
    </span>
  );
}

/** The lowest and the highest price of a product in one market, as digits; a word where there is none. */
export function PriceCell({ product, market }: { product: Product; market: 'TW' | 'TH' }) {
  const all = product.variants.filter((v) => v.active).map((v) => v.prices[market]).filter((p): p is Price => p !== undefined);
  const first = all.toSorted((a, b) => a.amount - b.amount)[0];
  const last = all.toSorted((a, b) => b.amount - a.amount)[0];
  if (!first || !last) return <b class="none">{t('prod.noPrice')}</b>;
  return <span class="num">{first.amount === last.amount ? amountText(first) : `${amountText(first)}–${amountText(last)}`}</span>;
}

/** What state a product is in, in the word that matters most. */
export function Mark({ product }: { product: Product }) {
  if (product.status !== 'active') return <span class="pill">{t(`prod.status.${product.status}`)}</span>;
  if (product.left === 0) return <span class="pill bad">{t('prod.soldOut')}</span>;
  if (typeof product.left === 'number' && product.left <= 1) return <span class="pill warn">{t('prod.lastOne')}</span>;
  const lacks = (m: 'TW' | 'TH'): boolean => product.variants.some((v) => v.active && !v.prices[m]);
  if (lacks('TW') && lacks('TH')) return <span class="pill bad"><Icon name="warn" size={14} />{t('prod.noPrices')}</span>;
  return <span class="pill ok">{t('prod.status.active')}</span>;
}

export const optionsText = (p: Product): string =>
  p.options.length === 0 ? t('prod.single') : p.options.map((o) => o.values.map((v) => v[0]).join('、')).join(' × ');
