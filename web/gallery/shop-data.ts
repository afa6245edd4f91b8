import type { Cart, CartLine, Order, Product, Quote, ShopInfo, Waiting } from '../src/api/buy.ts';
import type { CouponDrop, Giveaway, Proof } from '../src/api/fun.ts';
import type { Claim, Deal, Listing, Money, Prices } from '../src/api/sale.ts';
import { base, now } from './data.ts';

const minute = 60_000;
export const ntd = (amount: number): Money => ({ amount, currency: 'TWD' });
const both = (twd: number, thb: number): Prices => ({ TW: ntd(twd), TH: { amount: thb, currency: 'THB' } });
const { shop } = base;

const titles = {
  bag: { 'zh-TW': '老街帆布包', th: 'กระเป๋าผ้าใบถนนเก่า', en: 'Old Street canvas bag' },
  mug: { 'zh-TW': '海浪馬克杯', th: 'แก้วลายคลื่น', en: 'Wave mug' },
  earring: { 'zh-TW': '綠松石耳環', th: 'ต่างหูเทอร์ควอยซ์', en: 'Turquoise earrings' },
  mango: { 'zh-TW': '水仙芒果 3 公斤', th: 'มะม่วงน้ำดอกไม้ กล่อง 3 กก.', en: 'Mango, 3 kg box' },
};

export const bag: Listing = {
  id: 'lst_bag', code: 'A12', product_id: 'prd_bag', position: 1, state: 'shown', title: titles.bag, image: '/img/bag.svg',
  options: [{ name: '顏色', values: ['黑', '米'] }, { name: '尺寸', values: ['M', 'L'] }],
  variants: [['黑', 'M', 3], ['黑', 'L', 4], ['米', 'M', 0], ['米', 'L', '10+']].map(([c, s, left], i) => ({
    id: `var_${i}`, options: [String(c), String(s)], left: left ?? 0, prices: both(590, 65_000), compare_at: both(890, 89_000),
  })),
  claim_mode: 'auto', claim_open: true, per_buyer_max: 5, deal: null, version: 1,
};
export const mug: Listing = {
  ...bag, id: 'lst_mug', code: 'A13', product_id: 'prd_mug', position: 2, title: titles.mug, image: '/img/mug.svg', options: [],
  variants: [{ id: 'var_mug', options: [], left: 4, prices: both(320, 36_000), compare_at: null }],
};
export const earring: Listing = {
  ...mug, id: 'lst_ear', code: 'A09', position: 3, title: titles.earring, image: '/img/earring.svg',
  variants: [{ id: 'var_ear', options: [], left: 0, prices: both(420, 46_000), compare_at: null }],
};
export const coming: Listing = { ...mug, id: 'lst_mango', code: 'A15', position: 4, state: 'queued', claim_open: false, title: titles.mango, image: '/img/mango.svg' };

export const deal = (more: Partial<Deal>): Deal => ({
  id: 'dea_1', listing_id: 'lst_mug', variant_id: 'var_mug', prices: both(299, 33_000), quota: 10, left: 6, per_buyer_max: 1, state: 'open', countdown_s: 30,
  run_s: 300, opens_at: now - minute, closes_at: now + 84_000, ...more,
});

export const claim = (more: Partial<Claim>): Claim => ({
  id: 'clm_1', seq_no: 1, place: 1, listing_id: 'lst_bag', code: 'A12', title: titles.bag, image: '/img/bagblack.svg', variant_id: 'var_1', options: ['黑', 'L'],
  asked: 1, given: 1, state: 'granted', reason: null, unit: ntd(590), source: 'live', line_id: 'cln_1', hold_until: now + 10 * minute, waiting_id: null, at: now, ...more,
});

const line = (more: Partial<CartLine>): CartLine => ({
  id: 'cln_1', state: 'held', variant_id: 'var_1', product_id: 'prd_bag', title: titles.bag, options: ['黑', 'L'], image: '/img/bagblack.svg', qty: 2, unit: ntd(590),
  was: null, amount: ntd(1180), code: 'A12', show_id: 'shw_demo', listing_id: 'lst_bag', hold_until: now + 521_000, for_sale: true, left: 4, ...more,
});
const waiting: Waiting = {
  id: 'wai_1', variant_id: 'var_ear', product_id: 'prd_ear', title: titles.earring, options: [], image: '/img/earring.svg', qty: 1, place: 2, unit: ntd(420),
  state: 'waiting', offer_until: null, code: 'A09', show_id: 'shw_demo', shop, market: 'TW',
};
export const fullCart: Cart = {
  id: 'crt_1', shop, market: 'TW', currency: 'TWD', count: 3, subtotal: ntd(1500), held_until: now + 126_000,
  lines: [
    line({}),
    line({ id: 'cln_2', product_id: 'prd_mug', title: titles.mug, options: [], image: '/img/mug.svg', qty: 1, unit: ntd(320), amount: ntd(320), code: 'A13', hold_until: now + 126_000, was: ntd(350) }),
    line({ id: 'cln_3', state: 'expired', title: titles.mango, options: [], image: '/img/mango.svg', qty: 1, code: 'A15', hold_until: now - minute }),
  ],
  waiting: [waiting, { ...waiting, id: 'wai_2', state: 'offered', offer_until: now + 200_000 }],
};
export const emptyCart: Cart = { ...fullCart, lines: [], waiting: [], count: 0, subtotal: ntd(0), held_until: null };

export const shopInfo: ShopInfo = { ...shop, markets: [{ market: 'TW', currency: 'TWD', active: true, return_days: 7, ship_home: 100, free_over: 1800 }] };

export const quote: Quote = {
  cart: 'crt_1', shop, market: 'TW', currency: 'TWD',
  lines: [
    { no: 1, line_id: 'cln_1', variant_id: 'var_1', title: titles.bag, options: ['黑', 'L'], code: 'A12', image: '/img/bagblack.svg', qty: 2, unit: ntd(590), amount: ntd(1180), discount: ntd(0), exempt: 'none', hold_until: now + 521_000 },
    { no: 2, line_id: 'cln_2', variant_id: 'var_m', title: titles.mango, options: [], code: 'A15', image: '/img/mango.svg', qty: 1, unit: ntd(320), amount: ntd(320), discount: ntd(0), exempt: 'fresh', hold_until: now + 521_000 },
  ],
  subtotal: ntd(1500), discount: ntd(100), shipping: ntd(60), tax: ntd(70), total: ntd(1460), free_over: ntd(1800), free_remaining: ntd(300), hold_until: now + 472_000,
  coupon: { id: 'cpn_1', code: 'OLDSTREET', kind: 'amount', discount: ntd(100) }, coupon_problem: null, delivery: 'home',
  deliveries: [{ id: 'home', fee: ntd(100) }, { id: 'cvs', fee: ntd(60), chains: ['711', 'family', 'hilife', 'ok'] }],
  pay_method: 'cod', pay_methods: [{ id: 'cod', kind: 'cod', provider: 'cod', available: true, reason: null, min: null, max: ntd(20_000), minutes: null, manual_refund: true }],
  withdrawal: { days: 7, version: '2026-11' }, exempt: [{ no: 2, reason: 'fresh' }],
  addresses: [{ kind: 'home', name: '陳怡君', phone: '0912345678', postcode: '106', city: '台北市', district: '大安區', line: '永康街 14 號' }], quote_hash: 'x',
};
const thb = (amount: number): Money => ({ amount, currency: 'THB' });
export const quoteTh: Quote = {
  ...quote, market: 'TH', currency: 'THB', subtotal: thb(107_000), discount: thb(0), shipping: thb(4500), tax: thb(7294), total: thb(111_500), coupon: null, free_over: null, free_remaining: null,
  lines: quote.lines.map(({ unit: _unit, amount: _amount, ...l }) => ({ ...l, unit: thb(53_500), amount: thb(53_500) })),
  deliveries: [{ id: 'home', fee: thb(4500) }], addresses: [],
};

const orderLine = { product_id: 'prd_bag', title: titles.bag, options: ['黑', 'L'], code: 'A12', image: '/img/bagblack.svg', qty: 2, amount: ntd(1180), discount: ntd(0), exempt: 'none', qty_returnable: 2 };
export const order: Order = {
  no: 'T261122-0042', id: 'ord_1', shop, market: 'TW', currency: 'TWD', state: 'confirmed', status: 'preparing', lines: [{ no: 1, ...orderLine }, { ...orderLine, no: 2, title: titles.mug, code: 'A13', options: [], image: '/img/mug.svg', qty: 1, amount: ntd(320) }],
  subtotal: ntd(1500), discount: ntd(100), shipping: ntd(60), tax: ntd(70), total: ntd(1460), coupon: { code: 'OLDSTREET' }, delivery: 'home',
  address: quote.addresses[0] ?? { kind: 'home', name: '', phone: '' }, invoice: { kind: 'mobile', carrier: '/ABC1234' }, pay_method: 'cod', refunded: ntd(0), refunding: ntd(0),
  parcels: [], returns: [], timeline: [{ what: 'ordered', at: now }, { what: 'confirmed', at: now }], created_at: now, show_id: 'shw_demo',
  can: { cancel: true, return: false, pay: false, store: false }, return_until: null, payments: [], pay_until: null, invoice_state: null,
};
export const shipped: Order = {
  ...order, status: 'shipped', parcels: [{ id: 'pcl_1', state: 'shipped', carrier: '黑貓', tracking: '9876543210', tracking_url: 'https://example.com/', changed_at: now, shipment: null }],
  timeline: [...order.timeline, { what: 'packed', at: now + minute }, { what: 'shipped', at: now + 2 * minute }], can: { cancel: false, return: true, pay: false, store: false }, return_until: '2026-12-01',
};

export const product: Product = {
  id: 'prd_bag', title: titles.bag, body: { 'zh-TW': '厚磅帆布，內層加棉，放得下 13 吋筆電。\n台南車縫。', th: 'ผ้าใบหนา บุนวมด้านใน ใส่โน้ตบุ๊ก 13 นิ้วได้', en: 'Heavy canvas with a padded sleeve for a 13-inch laptop.' },
  exempt: 'none', options: bag.options.map((o) => ({ name: o.name, values: o.values.map((v) => [v]) })),
  media: ['bag', 'bagblack'].map((n) => ({ url: `/img/${n}.svg`, sizes: { 160: `/img/${n}.svg`, 480: `/img/${n}.svg`, 1080: `/img/${n}.svg` } })), image: '/img/bag.svg',
  variants: bag.variants.map((v) => ({ id: v.id, options: v.options, left: v.left, prices: { TW: { ...ntd(590), compare_at: 890 } } })), left: '10+', shop,
  moments: [{ show_id: 'shw_r1', title: base.title, at_ms: 250_000, code: 'A12' }],
};
export const products: Product[] = [product, { ...product, id: 'prd_mug', title: titles.mug, image: '/img/mug.svg' }, { ...product, id: 'prd_ear', title: titles.earring, image: '/img/earring.svg', left: 0 }];

export const coupon: CouponDrop = { coupon_id: 'cpn_2', code: 'LIVE100', market: 'TW', kind: 'amount', value: ntd(100), percent_bp: null, min_spend: ntd(1000), left: 37, until: now + minute };
export const giveaway = (more: Partial<Giveaway>): Giveaway => ({
  id: 'giv_1', show_id: 'shw_demo', market: 'TW', rule: { 'zh-TW': '留言就能抽' }, prize: { product_id: 'prd_mug', title: titles.mug, options: [], image: '/img/mug.svg' },
  winners_n: 2, state: 'open', commit: 'a3f1'.repeat(16), n: 128, entries_hash: null, winners: [], me: null, ...more,
});
export const proof: Proof = {
  giveaway: 'giv_1', commit: 'a3f1'.repeat(16), seed: 'ab'.repeat(32), entropy: '', entries_hash: 'c0de'.repeat(16), winners_n: 1,
  entries: ['ent_1', 'ent_2', 'ent_3'].map((id) => ({ id, name_masked: '王*明' })), winners: [{ rank: 1, entry: 'ent_2' }],
};
