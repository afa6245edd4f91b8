import { useSignalEffect } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { Show } from './api/types.ts';
import { t } from './i18n/index.ts';
import { takeShow } from './boot.ts';
import { listed } from './home/ctrl.ts';
import { Home } from './home/view.tsx';
import { Foot } from './legal/foot.tsx';
import { buildFor, loadHls } from './player/hls-load.ts';
import { ErrorBox } from './ui/error-box.tsx';
import { addIcons } from './ui/icon.tsx';
import { lazy } from './ui/lazy.tsx';
import { note } from './pwa/eager.ts';
import { adrift, Offline } from './ui/offline.tsx';
import { path } from './ui/route.ts';
import { inCorner, roomIn, visited } from './ui/stay.ts';
import { Toasts } from './ui/toast.tsx';

const blank = {
  wait: () => <div class="screen-wait" />,
  fail: (retry: () => void) => <ErrorBox cause="code" retry={retry} />,
};

/** A screen of buying: its strings come with its code. */
function buying<P extends object>(load: () => Promise<ComponentType<P>>) {
  return lazy<P>(async () => {
    const [screen] = await Promise.all([load(), import('./shop/strings.ts').then((m) => m.shopReady())]);
    return screen;
  }, blank);
}

/** A screen that also speaks of paying. */
const paying = <P extends object>(load: () => Promise<ComponentType<P>>) =>
  buying<P>(async () => {
    const [screen] = await Promise.all([load(), import('./pay/strings.ts').then((m) => m.payReady())]);
    return screen;
  });

const Room = buying(() => import('./room/view.tsx').then((m) => m.Room));
const Cart = buying(() => import('./cart/view.tsx').then((m) => m.CartPage));
const Checkout = paying(() => import('./checkout/view.tsx').then((m) => m.CheckoutPage));
const Order = paying(() => import('./order/view.tsx').then((m) => m.OrderPage));
const Pay = paying(() => import('./pay/view.tsx').then((m) => m.PayPage));
/** A page of what is one's own: it speaks of people, and of buying. */
const own = <P extends object>(load: () => Promise<ComponentType<P>>) =>
  buying<P>(async () => {
    const [screen] = await Promise.all([load(), import('./people/strings.ts').then((m) => m.peopleReady())]);
    return screen;
  });

const Me = own(() => import('./me/pages.tsx').then((m) => m.MePages));
const Handover = own(() => import('./handover/view.tsx').then((m) => m.HandoverPage));
const Product = buying(() => import('./product/view.tsx').then((m) => m.ProductPage));
const Shop = buying(() => import('./product/shop.tsx').then((m) => m.ShopPage));
const Bill = paying(() => import('./bill/view.tsx').then((m) => m.BillPage));
const Draw = buying(() => import('./draw/view.tsx').then((m) => m.DrawPage));
const Goods = buying(() => import('./product/strip.tsx').then((m) => m.Strip));
const Remind = lazy(async () => {
  const [view, strings] = await Promise.all([import('./remind/view.tsx'), import('./pwa/strings.ts')]);
  await strings.appReady();
  return view.Remind;
}, { wait: () => null, fail: () => null, extra: true });
const SignIn = lazy(async () => {
  const [view, strings] = await Promise.all([import('./signin/view.tsx'), import('./people/strings.ts')]);
  await strings.peopleReady();
  return view.SignIn;
}, blank);
const Legal = lazy(async () => {
  const [view, strings] = await Promise.all([import('./legal/view.tsx'), import('./legal/strings.ts'), import('./shop/strings.ts').then((m) => m.shopReady())]);
  await strings.legalReady();
  return view.LegalPage;
}, blank);
const Away = lazy(async () => {
  const [view, strings] = await Promise.all([import('./offline/away.tsx'), import('./pwa/strings.ts')]);
  await strings.appReady();
  return view.Away;
}, blank);
const NotFound = lazy(() => import('./notfound/view.tsx').then((m) => m.NotFound), blank);

// The studio brings its own strings, styles and icons; its door is a component that takes the path.
const Studio = lazy(async () => {
  const [theirs, buy, door] = await Promise.all([import('./ui/icon-paths-studio.ts'), import('./ui/icon-paths-shop.ts'), import('./studio/view.tsx')]);
  addIcons({ ...theirs.studioPaths, ...buy.shopPaths });
  return door.Studio;
}, blank);

/** Asks for the playlist at once: the connection to the stream's host costs more than the few bytes. */
function preload(href: string): void {
  const link = document.createElement('link');
  Object.assign(link, { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href });
  document.head.append(link);
}

/** Starts fetching what a room needs before anything is drawn: code, player library, playlist. */
export function prefetch(p: string, show: Show | null): void {
  if (!roomIn(p)) return;
  void Room.fetch();
  if (typeof MediaSource === 'undefined') return;
  loadHls(show?.playback ? buildFor(show.playback.hls) : 'light').catch(() => undefined);
  if (show?.playback && show.state === 'live') preload(show.playback.hls);
}

const known = (id: string): Show | null => takeShow(id) ?? listed(id);

const named = /^\/(p|o|b|pay|shop)\/([\w-]+)$/;
const mine = /^\/(?:me|me\/\w+|deletion\/\w+)$/;
const proof = /^\/s\/(\w+)\/draw\/(\w+)$/;

/** Pages whose address names one thing. */
function OneOf({ kind, id }: { kind: string; id: string }) {
  switch (kind) {
    case 'p':
      return <Product key={id} id={id} />;
    case 'o':
      return <Order key={id} no={id} />;
    case 'b':
      return <Bill key={id} id={id} />;
    case 'pay':
      return <Pay key={id} no={id} />;
    default:
      return <Shop key={id} slug={id} />;
  }
}

function Screen() {
  const p = path.value;
  const [, kind, id] = named.exec(p) ?? [];
  const [, show, draw] = proof.exec(p) ?? [];
  if (kind && id) return <OneOf kind={kind} id={id} />;
  if (show && draw) return <Draw show={show} id={draw} />;
  if (mine.test(p)) return <Me path={p} />;
  switch (p) {
    case '/':
      return <Home goods={Goods} remind={Remind} foot={Foot} />;
    case '/cart':
      return <Cart />;
    case '/checkout':
      return <Checkout />;
    case '/h':
      return <Handover />;
    case '/legal/terms':
      return <Legal key={p} which="terms" />;
    case '/legal/privacy':
      return <Legal key={p} which="privacy" />;
    case '/legal/returns':
      return <Legal key={p} which="returns" />;
    case '/legal/imprint':
      return <Legal key={p} which="imprint" />;
    case '/signin':
      return <SignIn />;
    default:
      return p === '/studio' || p.startsWith('/studio/') ? <Studio path={p} /> : <NotFound />;
  }
}

/** Where we are, or what was last seen of it while the server is out of reach. */
function Place() {
  if (adrift.value) return <Away />;
  return (
    <>
      {visited.value && <Room key={visited.value} id={visited.value} corner={inCorner.value} known={known} />}
      {roomIn(path.value) === null && <Screen />}
    </>
  );
}

export function App() {
  const Note = note.value;
  useSignalEffect(() => {
    const inRoom = roomIn(path.value) !== null && !adrift.value;
    document.documentElement.dataset['ground'] = inRoom ? 'room' : 'paper';
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', inRoom ? '#0b0814' : '#f8f6f3');
  });
  return (
    <>
      <Offline text={t(roomIn(path.value) ? 'offline.room' : 'offline')} />
      <Place />
      {Note && <Note />}
      <Toasts />
    </>
  );
}
