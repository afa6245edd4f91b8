import { describe, expect, it } from 'vitest';
import { quote, quoteTh } from '../../gallery/shop-data.ts';
import { addressOf, blank, diffOf, faultsOf, fieldOf, invoiceOf, isTaxId, phoneOf, serverFault, withAddress, type Form } from './form.ts';

const tw: Form = { ...blank, name: '陳怡君', phone: '0912 345 678', postcode: '106', city: '台北市', district: '大安區', line: '永康街 14 號', exempt: [2] };
const th: Form = { ...blank, name: 'กัญญา', phone: '081-234-5678', postcode: '10400', city: 'กรุงเทพ', district: 'พญาไท', subdistrict: 'สามเสนใน', line: '88/12', exempt: [2] };
const fields = (f: Form, q = quote): string[] => faultsOf(f, q).map((x) => x.field);

describe('what is typed', () => {
  it('is good when it is whole', () => {
    expect([fields(tw), fields(th, quoteTh)]).toEqual([[], []]);
  });

  it('is named in the order of the page when it is not', () => {
    expect(fields({ ...blank, invoice: 'mobile' })).toEqual(['name', 'phone', 'postcode', 'city', 'district', 'line', 'exempt-2', 'carrier']);
    expect(fields(blank, quoteTh)).toEqual(['name', 'phone', 'postcode', 'city', 'district', 'subdistrict', 'line', 'exempt-2']);
  });

  it.each(['0912345678', '+886912345678', '886 912-345-678', '０９１２３４５６７８'])('takes %s for a phone', (s) => {
    expect(phoneOf(s)).toBe('0912345678');
    expect(fields({ ...tw, phone: s })).toEqual([]);
  });

  it.each(['', '0912', '0212345678', '09123456789'])('does not take "%s" for a phone of Taiwan', (s) => {
    expect(fields({ ...tw, phone: s })).toEqual(['phone']);
  });

  it('needs no e-mail, but one that is typed has the form of one', () => {
    expect(fields({ ...tw, email: ' ' })).toEqual([]);
    expect(fields({ ...tw, email: 'mei@example' })).toEqual(['email']);
    expect(addressOf({ ...tw, email: ' mei@example.tw ' }, 'TW').email).toBe('mei@example.tw');
    expect('email' in addressOf(tw, 'TW')).toBe(false);
  });

  it('says how much of a barcode is missing', () => {
    const of = (carrier: string) => faultsOf({ ...tw, invoice: 'mobile', carrier }, quote)[0];
    expect(of('/abc123')).toMatchObject({ key: 'bad.carrierShort', n: 1 });
    expect(of('ABC1234')).toMatchObject({ key: 'bad.carrier' });
    expect(of('/abc1234')).toBeUndefined();
  });

  it('asks for a store where the parcel goes to one', () => {
    expect(fields({ ...tw, delivery: 'cvs' })).toEqual(['store_id']);
    expect(fields({ ...tw, delivery: 'cvs', store_id: '123456', store_name: '永康' })).toEqual([]);
  });

  it('asks for no invoice where nothing is paid, and none in Thailand', () => {
    const free = { ...quote, total: { amount: 0, currency: 'TWD' } };
    expect(fields({ ...tw, invoice: 'company' }, free)).toEqual([]);
    expect(fields({ ...th, invoice: 'company' }, quoteTh)).toEqual([]);
  });
});

describe('what is sent', () => {
  it('is the address of its kind', () => {
    expect(addressOf(tw, 'TW')).toEqual({ kind: 'home', name: '陳怡君', phone: '0912345678', postcode: '106', city: '台北市', district: '大安區', line: '永康街 14 號' });
    expect(addressOf({ ...tw, delivery: 'cvs', store_id: '123456', store_name: '永康' }, 'TW')).toMatchObject({ kind: 'cvs', chain: '711', store_id: '123456' });
    expect(addressOf(th, 'TH')).toMatchObject({ subdistrict: 'สามเสนใน' });
  });

  it('is the invoice that was chosen', () => {
    expect(invoiceOf({ ...tw, invoice: 'mobile', carrier: '/abc1234' })).toEqual({ kind: 'mobile', carrier: '/ABC1234' });
    expect(invoiceOf(tw)).toEqual({ kind: 'member' });
  });

  it('can come from an address used before', () => {
    expect(withAddress(blank, quote.addresses[0] ?? { kind: 'home', name: '', phone: '' })).toMatchObject({ name: '陳怡君', city: '台北市' });
  });

  it('knows the names that the server has for fields', () => {
    expect(['address.phone', 'invoice.carrier', 'invoice.title', 'pay_method'].map(fieldOf)).toEqual(['phone', 'carrier', 'company', 'pay']);
  });

  it('has its own words for a carrier or charity code that does not exist', () => {
    expect(['invoice.carrier', 'invoice.love_code'].map((f) => serverFault(f, 'does not exist').key)).toEqual(['bad.carrierNone', 'bad.loveNone']);
    expect(serverFault('address.line', 'is too long')).toEqual({ field: 'line', key: 'bad.server', why: 'is too long' });
  });
});

describe('what has changed', () => {
  const [first, second] = quote.lines;
  const cheaper = { ...quote, lines: quote.lines.map((l) => (l === first ? Object.assign({}, l, { unit: { amount: 550, currency: 'TWD' } }) : l)), total: { amount: 1380, currency: 'TWD' } };

  it('is nothing when nothing has', () => {
    expect(diffOf(quote, quote)).toEqual([]);
  });

  it('names the price that changed', () => {
    expect(diffOf(quote, cheaper)).toMatchObject([{ is: 'price', code: 'A12', old: { amount: 590 }, now: { amount: 550 } }]);
  });

  it('names what went and what came', () => {
    const without = { ...quote, lines: quote.lines.filter((l) => l !== second) };
    expect(diffOf(quote, without)).toEqual([{ is: 'gone', name: 'A15' }]);
    expect(diffOf(without, quote)).toEqual([{ is: 'new', name: 'A15' }]);
  });
});

describe('a tax number', () => {
  it.each(['04595257', '04595252', '10458575', '12345675'])('%s adds up', (s) => {
    expect(isTaxId(s)).toBe(true);
  });

  it.each(['04595258', '1234567', '12345678', 'abcdefgh'])('%s does not', (s) => {
    expect(isTaxId(s)).toBe(false);
  });
});
