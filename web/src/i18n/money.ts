/** Money as people read and type it. Amounts are integers in the minor unit of their currency. */
export interface Money {
  amount: number;
  currency: string;
}

interface Shape {
  symbol: string;
  digits: number;
}

const shapes: Record<string, Shape> = {
  TWD: { symbol: 'NT$', digits: 0 },
  THB: { symbol: '฿', digits: 2 },
  USD: { symbol: 'US$', digits: 2 },
  JPY: { symbol: '¥', digits: 0 },
};
const shapeOf = (currency: string): Shape => shapes[currency] ?? { symbol: `${currency} `, digits: 2 };

export const symbolOf = (currency: string): string => shapeOf(currency).symbol;

/** "1,180" or "650.00": the digits alone, as a currency writes them. A minus is U+2212. */
export function amountText({ amount, currency }: Money): string {
  const { digits } = shapeOf(currency);
  const text = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Math.abs(amount) / 10 ** digits);
  return amount < 0 ? `\u2212${text}` : text;
}

/** "NT$1,180", "฿650.00". */
export const moneyText = (m: Money): string => {
  const text = amountText(m);
  return text.startsWith('\u2212') ? `\u2212${symbolOf(m.currency)}${text.slice(1)}` : symbolOf(m.currency) + text;
};

/** What the amount looks like in an input: no commas. */
export const amountField = (m: Money): string => amountText(m).replaceAll(',', '');

const mostAmount = 100_000_000_000;

/** Minor units of what somebody typed ("1,180", "650.5", full-width digits too); null when it is no amount. */
export function parseAmount(typed: string, currency: string): number | null {
  const { digits } = shapeOf(currency);
  const text = typed.normalize('NFKC').trim().replace(/^(?:NT\$|US\$|[$฿¥])\s*/i, '');
  const m = /^(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d{1,6}))?$/.exec(text);
  if (!m) return null;
  const whole = Number(m[1]?.replaceAll(',', ''));
  const part = (m[2] ?? '').padEnd(digits, '0');
  if (/[1-9]/.test(part.slice(digits))) return null; // a fraction that this money does not have
  const amount = whole * 10 ** digits + Number(part.slice(0, digits) || '0');
  return amount <= mostAmount ? amount : null;
}
