import { useState } from 'preact/hooks';
import type { Left, Money } from '../api/sale.ts';
import type { Localized } from '../api/types.ts';
import { clockText, nowMs } from '../ui/clock.ts';
import { Icon } from '../ui/icon.tsx';
import { Words } from '../ui/words.tsx';
import { moneyParts, moneyText } from './money.ts';
import { optionText } from './option-words.ts';
import { t } from './strings.ts';

interface PriceProps {
  of: Money;
  size?: 'l' | 'xl' | undefined;
  tone?: 'deal' | 'ok' | undefined;
  /** The lowest of several. */
  from?: boolean;
}

export function Price({ of, size, tone, from = false }: PriceProps) {
  const { minus, sign, digits } = moneyParts(of);
  const [before, after] = from ? t('price.from').split('{p}') : [];
  return <span class={`price${size ? ` ${size}` : ''}${tone ? ` ${tone}` : ''}`}>{before && <small>{before}</small>}{minus && '−'}<small>{sign}</small>{digits}{after && <small>{after}</small>}</span>;
}

/** A price that holds no more. */
export const Was = ({ of }: { of: Money }) => <s class="was"><span class="vh">{t('price.was')} </span>{moneyText(of)}</s>;

export const Code = ({ of }: { of: string }) => <span class="code">{of}</span>;

/** A picture of goods, or the bag where there is none. */
export function Thumb({ src, size = '' }: { src: string | null; size?: '' | 'l' | 'm' | 'xs' }) {
  const [broken, setBroken] = useState(false);
  if (!src || broken) return <span class={`thumb none ${size}`}><Icon name="bag" size={size === 'xs' ? 18 : 26} /></span>;
  return <img class={`thumb ${size}`} src={src} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} />;
}

const low = 5;

export function leftText(left: Left): string {
  if (left === 0) return t('left.none');
  return typeof left === 'number' ? t('left.n', { n: left }) : t('left.some');
}

/** How many are left: a bar and words, never the bar alone. */
export function Stock({ left, text }: { left: Left; text?: string | undefined }) {
  const n = typeof left === 'number' ? left : null;
  const part = n === null ? 100 : n * 10;
  return (
    <span class={`stock${n !== null && n <= low ? ' low' : ''}`}>
      <i style={{ '--p': `${part}%` }} /><span data-testid="left">{text ?? leftText(left)}</span>
    </span>
  );
}

const warnMs = 180_000;
const badMs = 60_000;
const dayMs = 86_400_000;

export const toneOf = (ms: number): string => (ms < badMs ? ' bad' : ms < warnMs ? ' warn' : '');

/** Time left in words for days, as a clock below. */
export function spanText(ms: number): string {
  if (ms < dayMs) return clockText(ms);
  return t('time.days', { d: Math.floor(ms / dayMs), h: Math.floor((ms % dayMs) / 3_600_000) });
}

/** Ring and time until a hold ends. `whole` is how long it was at first, for the ring. */
export function Ring({ until, whole = 600_000 }: { until: number; whole?: number }) {
  const ms = Math.max(0, until - nowMs.value);
  return (
    <span class={`clock${toneOf(ms)}`} role="timer" aria-live="off">
      <i class="ring" style={{ '--p': `${Math.min(100, Math.round((ms / whole) * 100))}%` }} /><span class="clk">{spanText(ms)}</span>
    </span>
  );
}

export function Stepper({ n, most, set, name, least = 1 }: { n: number; most: number; set: (n: number) => void; name: string; least?: number }) {
  return (
    <span class="step" role="group" aria-label={name}>
      <button type="button" aria-label={t('step.less', { name })} disabled={n <= least} data-testid="less" onClick={() => set(n - 1)}><Icon name="minus" size={18} /></button>
      <span class="num" aria-live="polite" data-testid="qty">{n}</span>
      <button type="button" aria-label={t('step.more', { name })} disabled={n >= most} data-testid="more-one" onClick={() => set(n + 1)}><Icon name="plus" size={18} /></button>
    </span>
  );
}

/** Code and name of goods, in that order. */
export function Name({ code, title }: { code: string | null; title: Localized }) {
  return <span class="goods">{code && <Code of={code} />}<b class="cut"><Words of={title} /></b></span>;
}

/** One thing bought, as on a receipt. */
export function ReceiptLine({ line }: { line: { image: string | null; code: string | null; title: Localized; options: string[]; option_words?: string[][]; qty: number; amount: Money } }) {
  return (
    <div class="li">
      <Thumb src={line.image} size="m" />
      <span class="grow"><Name code={line.code} title={line.title} /><span class="xs t2">{optionText(line.options, line.option_words)} × {line.qty}</span></span>
      <Price of={line.amount} />
    </div>
  );
}
