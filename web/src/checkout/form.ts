import type { Address, Invoice, Quote } from '../api/buy.ts';
import type { Market } from '../api/types.ts';
import type { PayKey } from '../pay/strings.ts';

export type InvoiceKind = Invoice['kind'];

/** What the buyer fills in, as typed. */
export interface Form {
  name: string;
  phone: string;
  /** Optional: the receipt goes there. */
  email: string;
  delivery: 'home' | 'cvs';
  postcode: string;
  city: string;
  district: string;
  subdistrict: string;
  line: string;
  chain: string;
  store_id: string;
  store_name: string;
  store_address: string;
  pay: string;
  coupon: string | null;
  invoice: InvoiceKind;
  carrier: string;
  love_code: string;
  tax_id: string;
  company: string;
  note: string;
  /** Line numbers ticked: "I know that this cannot be returned". */
  exempt: number[];
}

export const blank: Form = {
  name: '', phone: '', email: '', delivery: 'home', postcode: '', city: '', district: '', subdistrict: '', line: '', chain: '711', store_id: '',
  store_name: '', store_address: '', pay: '', coupon: null, invoice: 'member', carrier: '', love_code: '', tax_id: '', company: '', note: '', exempt: [],
};

/** A field's name, and what is wrong with it in words. */
export interface Fault {
  field: string;
  key: PayKey;
  n?: number;
  why?: string;
}

/** Digits alone, with the country's prefix back to a leading 0. */
export function phoneOf(typed: string): string {
  const s = typed.normalize('NFKC').replace(/[^\d+]/g, '');
  return s.replace(/^\+?(?:886|66)(?=\d{9}$)/, '0');
}

const looksLikeEmail = (s: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(s);

const phones: Record<Market, RegExp> = { TW: /^09\d{8}$/, TH: /^0\d{9}$/ };
const postcodes: Record<Market, RegExp> = { TW: /^\d{3}(?:\d{2,3})?$/, TH: /^\d{5}$/ };
const carrierLength = 8;

export const carrierOf = (typed: string): string => typed.normalize('NFKC').trim().toUpperCase();

function whereFaults(f: Form, m: Market): Fault[] {
  if (f.delivery === 'cvs') {
    if (!f.store_id.trim()) return [{ field: 'store_id', key: 'bad.storeNone' }];
    if (!/^\d{4,6}$/.test(f.store_id.trim())) return [{ field: 'store_id', key: 'bad.store' }];
    return f.store_name.trim() ? [] : [{ field: 'store_name', key: 'bad.store' }];
  }
  const out: Fault[] = [];
  if (!postcodes[m].test(f.postcode.trim())) out.push({ field: 'postcode', key: `bad.postcode.${m}` });
  if (!f.city.trim()) out.push({ field: 'city', key: 'bad.city' });
  if (!f.district.trim()) out.push({ field: 'district', key: 'bad.district' });
  if (m === 'TH' && !f.subdistrict.trim()) out.push({ field: 'subdistrict', key: 'bad.district' });
  if (!f.line.trim()) out.push({ field: 'line', key: 'bad.line' });
  return out;
}

function carrierFault(typed: string): Fault[] {
  const c = carrierOf(typed);
  if (/^\/[0-9A-Z.+-]{7}$/.test(c)) return [];
  const short = /^\/[0-9A-Z.+-]*$/.test(c) && c.length < carrierLength;
  return [short ? { field: 'carrier', key: 'bad.carrierShort', n: carrierLength - c.length } : { field: 'carrier', key: 'bad.carrier' }];
}

const weights = [1, 2, 1, 2, 1, 2, 4, 1];

/** A company's number: its digits, weighted, add up to a multiple of 5; a 7 in the seventh place may count one more. */
export function isTaxId(s: string): boolean {
  if (!/^\d{8}$/.test(s)) return false;
  const sum = [...s].reduce((n, d, i) => {
    const product = Number(d) * (weights[i] ?? 0);
    return n + Math.floor(product / 10) + (product % 10);
  }, 0);
  return sum % 5 === 0 || (s[6] === '7' && (sum + 1) % 5 === 0);
}

function invoiceFaults(f: Form): Fault[] {
  switch (f.invoice) {
    case 'mobile':
      return carrierFault(f.carrier);
    case 'donate':
      return /^\d{3,7}$/.test(f.love_code.trim()) ? [] : [{ field: 'love_code', key: 'bad.love' }];
    case 'company': {
      const out: Fault[] = isTaxId(f.tax_id.trim()) ? [] : [{ field: 'tax_id', key: 'bad.taxId' }];
      return f.company.trim() ? out : [...out, { field: 'company', key: 'bad.title' }];
    }
    default:
      return [];
  }
}

/** The receiver is asked on paper for prizes too, but an invoice only for what is paid. */
export const needsInvoice = (q: Quote): boolean => q.market === 'TW' && q.total.amount > 0;

/** Everything that is wrong, in the order of the page. */
export function faultsOf(f: Form, q: Quote): Fault[] {
  const out: Fault[] = [];
  if (!f.name.trim()) out.push({ field: 'name', key: 'bad.name' });
  if (!phones[q.market].test(phoneOf(f.phone))) out.push({ field: 'phone', key: `bad.phone.${q.market}` });
  if (f.email.trim() && !looksLikeEmail(f.email.trim())) out.push({ field: 'email', key: 'bad.email' });
  out.push(...whereFaults(f, q.market));
  for (const e of q.exempt) if (!f.exempt.includes(e.no)) out.push({ field: `exempt-${e.no}`, key: 'bad.exempt' });
  if (needsInvoice(q)) out.push(...invoiceFaults(f));
  return out;
}

export function addressOf(f: Form, m: Market): Address {
  const who = { name: f.name.trim(), phone: phoneOf(f.phone), ...(f.email.trim() ? { email: f.email.trim() } : {}) };
  if (f.delivery === 'cvs') return { kind: 'cvs', ...who, chain: f.chain, store_id: f.store_id.trim(), store_name: f.store_name.trim(), ...(f.store_address ? { store_address: f.store_address } : {}) };
  return {
    kind: 'home', ...who, postcode: f.postcode.trim(), city: f.city.trim(), district: f.district.trim(),
    ...(m === 'TH' ? { subdistrict: f.subdistrict.trim() } : {}), line: f.line.trim(),
  };
}

export function invoiceOf(f: Form): Invoice {
  switch (f.invoice) {
    case 'mobile':
      return { kind: 'mobile', carrier: carrierOf(f.carrier) };
    case 'donate':
      return { kind: 'donate', love_code: f.love_code.trim() };
    case 'company':
      return { kind: 'company', tax_id: f.tax_id.trim(), title: f.company.trim() };
    default:
      return { kind: 'member' };
  }
}

/** Fills in an address that was used before. */
export const withAddress = (f: Form, a: Address): Form => ({
  ...f, name: a.name, phone: a.phone, email: a.email ?? f.email, delivery: a.kind, postcode: a.postcode ?? f.postcode, city: a.city ?? f.city, district: a.district ?? f.district,
  subdistrict: a.subdistrict ?? f.subdistrict, line: a.line ?? f.line, chain: a.chain ?? f.chain, store_id: a.store_id ?? f.store_id,
  store_name: a.store_name ?? f.store_name,
});

/** What the server calls a field, as this page calls it. */
export function fieldOf(name: string): string {
  const last = name.split('.').at(-1) ?? name;
  const own: Record<string, string> = { title: 'company', exempt: 'exempt', pay_method: 'pay' };
  return own[last] ?? last;
}

/** The server looks up what has the right form: what it refuses does not exist. */
const unknown: Partial<Record<string, PayKey>> = { carrier: 'bad.carrierNone', love_code: 'bad.loveNone' };

/** A field that the server refused, in words of ours where there are any. */
export function serverFault(name: string, why: string): Fault {
  const field = fieldOf(name);
  const key = unknown[field];
  return key ? { field, key } : { field, key: 'bad.server', why };
}

export type Diff =
  | { is: 'price'; code: string; old: Quote['total']; now: Quote['total'] }
  | { is: 'gone' | 'new'; name: string }
  | { is: 'total'; old: Quote['total']; now: Quote['total'] };

const nameOf = (l: Quote['lines'][number]): string => l.code ?? Object.values(l.title)[0] ?? '';

/** What is other than the buyer has seen: prices, lines that went or came, and with them the sum. */
export function diffOf(old: Quote, now: Quote): Diff[] {
  const before = new Map(old.lines.map((l) => [l.line_id, l]));
  const after = new Map(now.lines.map((l) => [l.line_id, l]));
  const out: Diff[] = [];
  for (const [id, l] of after) {
    const b = before.get(id);
    if (!b) out.push({ is: 'new', name: nameOf(l) });
    else if (b.unit.amount !== l.unit.amount) out.push({ is: 'price', code: nameOf(l), old: b.unit, now: l.unit });
  }
  for (const [id, l] of before) if (!after.has(id)) out.push({ is: 'gone', name: nameOf(l) });
  if (old.total.amount !== now.total.amount && out.length !== 1) out.push({ is: 'total', old: old.total, now: now.total });
  return out;
}
