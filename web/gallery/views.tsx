import type { JSX } from 'preact';
import type { Show } from '../src/api/types.ts';
import { failed, lists } from '../src/home/ctrl.ts';
import { Home } from '../src/home/view.tsx';
import { BillPage } from '../src/bill/view.tsx';
import { CartPage } from '../src/cart/view.tsx';
import { CheckoutCtrl } from '../src/checkout/ctrl.ts';
import { Checkout } from '../src/checkout/view.tsx';
import { DrawPage } from '../src/draw/view.tsx';
import { LegalLinks } from '../src/legal/links.tsx';
import { LegalPage } from '../src/legal/view.tsx';
import { MePage } from '../src/me/view.tsx';
import { OrderPage } from '../src/order/view.tsx';
import { ShopPage } from '../src/product/shop.tsx';
import { Strip } from '../src/product/strip.tsx';
import { ProductPage } from '../src/product/view.tsx';
import { ProductSheet } from '../src/room/product-sheet.tsx';
import { SignInSheet } from '../src/room/login-sheet.tsx';
import { TraySheet } from '../src/room/tray.tsx';
import { cart, rememberShop } from '../src/shop/cart.ts';
import { NotFound } from '../src/notfound/view.tsx';
import { Remind } from '../src/remind/view.tsx';
import { RoomCtrl } from '../src/room/ctrl.ts';
import { RoomView } from '../src/room/view.tsx';
import { SignIn } from '../src/signin/view.tsx';
import { session } from '../src/api/http.ts';
import { answer } from './answers.ts';
import { payViews } from './pay-views.tsx';
import { offerAll, peopleViews } from './people-views.tsx';
import * as buy from './shop-data.ts';
import { base, guest, lines, live, next, nobody, now, pinned, replays } from './data.ts';

/** A room as it stands, without a server and without a picture but its cover. */
function room(show: Partial<Show>, change: (c: RoomCtrl) => void = () => undefined): () => JSX.Element {
  return () => {
    session.value = guest;
    const ctrl = new RoomCtrl('shw_demo', { ...base, ...show });
    ctrl.log.reset(lines);
    ctrl.player.phase.value = 'playing';
    change(ctrl);
    return <RoomView ctrl={ctrl} />;
  };
}

function home(l: typeof lists.value, problem: typeof failed.value = null): () => JSX.Element {
  return () => {
    session.value = nobody;
    lists.value = l;
    failed.value = problem;
    answer('/shops/', { shop: base.shop, items: buy.products, next: null });
    return <Home goods={Strip} remind={Remind} foot={LegalLinks} />;
  };
}

/** A room that sells: four listings, one of them pinned. */
const sells = (show: Partial<Show>, change: (c: RoomCtrl) => void = () => undefined): (() => JSX.Element) =>
  room(show, (c) => {
    cart.value = buy.fullCart;
    c.sale.listings.value = [buy.bag, buy.mug, buy.earring, buy.coming];
    c.sale.pinnedId.value = 'lst_bag';
    c.log.reset([...lines.slice(0, 3), {
      id: 'tick_9', name: '王*明', badge: null, text: '', lang: '', kind: 'claim', at: now, seq: 9, state: 'shown',
      claim: { name_masked: '王*明', code: 'A12', options: ['黑', 'L'], qty: 1, place: 3, state: 'granted' },
    }, ...lines.slice(3)]);
    change(c);
  });

/** A sheet of the room, which comes later in the app, over the room itself. */
function over(make: () => JSX.Element, sheet: (c: RoomCtrl) => JSX.Element): () => JSX.Element {
  return () => {
    const view = make();
    const { ctrl } = view.props as { ctrl: RoomCtrl };
    return <>{view}<div data-ground="room">{sheet(ctrl)}</div></>;
  };
}

/** A page of buying with what the server answers. */
function page(view: () => JSX.Element, given: Record<string, unknown>): () => JSX.Element {
  return () => {
    session.value = guest;
    cart.value = null;
    rememberShop(base.shop.slug);
    for (const [path, body] of Object.entries(given)) answer(path, body);
    return view();
  };
}

function checkout(q: typeof buy.quote, change: (c: CheckoutCtrl) => void = () => undefined): () => JSX.Element {
  return page(() => {
    const ctrl = new CheckoutCtrl({ shop: base.shop.slug }, q);
    change(ctrl);
    return <Checkout ctrl={ctrl} title="" shop={base.shop.slug} />;
  }, { '/cart/quote': q });
}

const over1 = (n: number): number => now + n * 60_000;
const chapters = [buy.bag, buy.mug, buy.earring].map((l, i) => ({
  listing_id: l.id, code: l.code, title: l.title, image: l.image, start_ms: 250_000 + i * 860_000, end_ms: null, listing: l,
}));
const more = { lines_n: 2, image: '/img/bag.svg', title: buy.bag.title };
const orders = { items: [{ ...buy.order, ...more }, { ...buy.shipped, ...more, no: 'T261121-0007' }], next: null };

const replay: Partial<Show> = { state: 'replay_ready', playback: { kind: 'replay', hls: '/none.m3u8', offset_ms: 0 } };

/** Every view of the viewer side, by the name that its picture gets. */
export const views: Record<string, () => JSX.Element> = {
  'home': home({ live, next, replays }),
  'home-one': home({ live: live.slice(0, 1), next, replays }),
  'home-quiet': home({ live: [], next, replays }),
  'home-empty': home({ live: [], next: [], replays: [] }),
  'home-loading': home(null),
  'home-error': home(null, 'offline'),
  'room-live': room({}, (c) => { c.pinned.value = pinned; }),
  'room-loading': room({}, (c) => { c.player.phase.value = 'loading'; }),
  'room-rejoining': room({}, (c) => { c.player.phase.value = 'waiting'; c.player.muted.value = false; }),
  'room-countdown': room({ state: 'scheduled', starts_at: now + 22 * 60_000, playback: null }),
  'room-break': room({ state: 'interrupted' }, (c) => { c.brokeAt.value = now - 18_000; }),
  'room-ended': room({ state: 'ended', ended_at: now - 60_000, playback: null }),
  'room-cancelled': room({ state: 'cancelled', playback: null }),
  'room-muted': room({}, (c) => { c.sanction.value = { kind: 'mute', until: now + 600_000 }; }),
  'room-refused': room({}, (c) => { c.draft.value = '還有黑色嗎'; c.sendFailed.value = 'busy'; }),
  'room-slow': room({}, (c) => { c.draft.value = '還有黑色嗎'; c.waitUntil.value = now + 8000; }),
  'room-name': over(room({}, (c) => { c.draft.value = '這件可以機洗嗎'; session.value = nobody; offerAll(0); }), (c) => <SignInSheet ctrl={c} guests />),
  'room-menu': room({}, (c) => { c.panel.value = 'menu'; }),
  'legal': page(() => <LegalPage which="privacy" />, { '/legal/privacy': {
    doc: 'privacy', shop: base.shop, version: '3', lang: 'en', langs: ['zh-TW', 'th', 'en', 'zh-CN', 'ja'], title: 'Privacy', at: now, own: false,
    body_md: '# What is kept\n\nYour **orders**, see [returns](/legal/returns).\n\n- names\n- addresses', versions: [{ version: '3', at: now }, { version: '2026-11', at: null }],
  } }),
  'room-keys': room({}, (c) => { c.panel.value = 'keys'; }),
  'room-bare': room({}, (c) => { c.bare.value = true; }),
  'room-replay': room(replay, (c) => { c.player.muted.value = false; c.player.position.value = 1168; c.player.duration.value = 4360; }),
  'room-sells': sells({}),
  'room-deal-soon': sells({}, (c) => { c.sale.listings.value = [{ ...buy.mug, deal: buy.deal({ state: 'countdown', opens_at: now + 23_000 }) }]; c.sale.pinnedId.value = 'lst_mug'; }),
  'room-deal': sells({}, (c) => { c.pinned.value = pinned; c.sale.listings.value = [{ ...buy.mug, deal: buy.deal({}) }]; c.sale.pinnedId.value = 'lst_mug'; }),
  'room-out': sells({}, (c) => { c.sale.pinnedId.value = 'lst_ear'; }),
  'room-claimed': sells({}, (c) => { c.sale.say({ is: 'claim', claim: buy.claim({}) }); }),
  'room-waiting': sells({}, (c) => { c.sale.say({ is: 'claim', claim: buy.claim({ state: 'waitlisted', place: 12, given: 0, hold_until: null, options: [], code: 'A09', image: '/img/earring.svg' }) }); }),
  'room-partial': sells({}, (c) => { c.sale.say({ is: 'claim', claim: buy.claim({ state: 'partial', asked: 5, given: 2, reason: 'sold_out' }) }); }),
  'room-undone': sells({}, (c) => { c.sale.say({ is: 'claim', claim: buy.claim({ state: 'cancelled', given: 0 }) }); }),
  'room-refused-claim': sells({}, (c) => { c.sale.say({ is: 'refused', reason: 'closed', code: 'A12', opensAt: now + 12_000 }); }),
  'room-offer': sells({}, (c) => { c.sale.say({ is: 'offer', waiting: 'wai_1', qty: 1, until: over1(2), listing: buy.earring, variant: buy.earring.variants[0] ?? null }); }),
  'room-expiring': sells({}, (c) => { c.sale.say({ is: 'expiring', until: over1(1), code: 'A13' }); }),
  'room-expired': sells({}, (c) => { c.sale.say({ is: 'expired', code: 'A13' }); }),
  'room-coupon': sells({}, (c) => { c.fun.coupon.value = buy.coupon; }),
  'room-draw': sells({}, (c) => { c.fun.draw.value = buy.giveaway({}); }),
  'room-drawn': sells({}, (c) => { c.fun.draw.value = buy.giveaway({ state: 'drawn', winners: [{ rank: 1, entry: 'ent_1', name_masked: '王*明' }, { rank: 2, entry: 'ent_2', name_masked: 'สม***' }] }); }),
  'room-won': sells({}, (c) => { c.fun.draw.value = buy.giveaway({ state: 'drawn', me: { entry: 'ent_1', rank: 1, state: 'won', until: over1(60) } }); }),
  'room-tray': over(sells({}), (c) => <TraySheet ctrl={c} />),
  'room-sheet': over(sells({}), (c) => <ProductSheet l={buy.bag} ctrl={c} />),
  'room-sheet-out': over(sells({}), (c) => <ProductSheet l={buy.earring} ctrl={c} />),
  'room-login': over(sells({}), (c) => <SignInSheet ctrl={c} guests={false} />),
  'room-signin': over(sells({}, (c) => { c.draft.value = '這件可以機洗嗎'; session.value = nobody; offerAll(3); }), (c) => <SignInSheet ctrl={c} guests />),
  'room-chapters': sells(replay, (c) => { c.player.muted.value = false; c.player.position.value = 1168; c.player.duration.value = 4360; c.sale.chapters.value = chapters; answer('/shows/shw_demo/chapters', { items: chapters }); }),
  'room-got': sells({ state: 'ended', ended_at: now - 60_000, playback: null }, () => { answer('/me/claims', { items: [buy.claim({}), buy.claim({ id: 'clm_2', code: 'A13', state: 'waitlisted', options: [] })] }); }),
  'room-break-sells': sells({ state: 'interrupted' }, (c) => { c.brokeAt.value = now - 18_000; }),
  'cart': page(() => <CartPage />, { '/cart?': buy.fullCart, '/shops/': buy.shopInfo }),
  'cart-empty': page(() => <CartPage />, { '/cart?': buy.emptyCart }),
  'cart-loading': page(() => <CartPage />, {}),
  'checkout': checkout(buy.quote),
  'checkout-faults': checkout(buy.quote, (c) => { c.set({ phone: '0912', invoice: 'mobile', carrier: '/ABC123' }); void c.place(); }),
  'checkout-diff': checkout(buy.quote, (c) => { c.diffs.value = [{ is: 'price', code: 'A12', old: buy.ntd(690), now: buy.ntd(590) }, { is: 'gone', name: 'A13' }]; c.refused.value = 'internal'; }),
  'checkout-cvs': checkout({ ...buy.quote, delivery: 'cvs', addresses: [] }, (c) => { c.set({ delivery: 'cvs' }); }),
  'checkout-th': checkout(buy.quoteTh),
  'checkout-gone': checkout({ ...buy.quote, lines: [] }),
  'order': page(() => <OrderPage no="T261122-0042" />, { '/orders/': buy.order }),
  'order-shipped': page(() => <OrderPage no="T261122-0042" />, { '/orders/': buy.shipped }),
  'me': page(() => <MePage />, { '/orders': orders, '/me/waitlist': { items: buy.fullCart.waiting } }),
  'me-empty': page(() => <MePage />, { '/orders': { items: [], next: null }, '/me/waitlist': { items: [] } }),
  'product': page(() => <ProductPage id="prd_bag" />, { '/products/': buy.product, '/cart?': buy.fullCart }),
  'shop': page(() => <ShopPage slug="xiaomei" />, { '/shops/': { shop: base.shop, items: buy.products, next: null }, '/cart?': buy.emptyCart }),
  'bill-gone': page(() => <BillPage id="bil_1" />, { '/bills/': { id: 'bil_1', state: 'gone', shop: base.shop, show_id: 'shw_demo', cart: 'crt_1', market: 'TW', quote: null, order: null, order_secret: null } }),
  'draw-proof': page(() => <DrawPage show="shw_demo" id="giv_1" />, { '/giveaways/': buy.proof }),
  ...payViews,
  ...peopleViews,
  'signin': () => {
    session.value = nobody;
    return <SignIn />;
  },
  'notfound': () => <NotFound />,
};
