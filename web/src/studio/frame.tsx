import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { session } from '../api/http.ts';
import { signOut } from '../api/sessions.ts';
import { listText } from '../i18n/format.ts';
import { htmlLang, lang, langNames, langs, setLang, t as common } from '../i18n/index.ts';
import { Icon, Logo, type IconName } from '../ui/icon.tsx';
import { go } from '../ui/route.ts';
import { Sheet } from '../ui/sheet.tsx';
import { mayPack, mayRefund, mayRun } from './roles.ts';
import { t } from './strings.ts';
import { wide } from './wide.ts';
import './style.css';

export type Place = 'shows' | 'new' | 'show' | 'products' | 'orders' | 'packing' | 'coupons' | 'money' | 'legal' | 'settings' | 'none';

interface Stop {
  at: Place;
  href: string;
  icon: IconName;
  label: string;
}

/** What a phone has in its bar; the rest lies behind "more". */
function mainStops(): Stop[] {
  const packs = session.value?.staff.some((s) => mayPack(s.role));
  return [
    { at: 'shows', href: '/studio', icon: 'cal', label: t('nav.shows') },
    { at: 'products', href: '/studio/products', icon: 'tag', label: t('nav.products') },
    { at: 'orders', href: '/studio/orders', icon: 'receipt', label: t('nav.orders') },
    ...(packs ? [{ at: 'packing', href: '/studio/packing', icon: 'box', label: t('nav.packing') } as const] : []),
  ];
}

function otherStops(): Stop[] {
  const all: Stop[] = [
    { at: 'coupons', href: '/studio/coupons', icon: 'gift', label: t('nav.coupons') },
    ...(session.value?.staff.some((s) => mayRefund(s.role)) ? [{ at: 'money', href: '/studio/money/payments', icon: 'wallet', label: t('nav.money') } as const] : []),
    ...(session.value?.staff.some((s) => mayRefund(s.role)) ? [{ at: 'legal', href: '/studio/legal', icon: 'shield', label: t('nav.legal') } as const] : []),
    { at: 'settings', href: '/studio/settings', icon: 'gear', label: t('nav.settings') },
  ];
  if (session.value?.staff.some((s) => mayRun(s.role))) all.push({ at: 'new', href: '/studio/new', icon: 'plus', label: t('nav.new') });
  return all;
}

const shopNames = (): string => listText((session.value?.staff ?? []).map((s) => s.shop.name));

async function leave(): Promise<void> {
  await signOut().catch(() => undefined);
  session.value = null;
  go('/');
}

function StopLink({ stop, at }: { stop: Stop; at: Place }) {
  const on = stop.at === at || (at === 'show' && stop.at === 'shows');
  return (
    <a href={stop.href} class={on ? 'on' : ''} aria-current={stop.at === at ? 'page' : undefined} data-testid={`nav-${stop.at}`}>
      <Icon name={stop.icon} /><span class="grow">{stop.label}</span>
    </a>
  );
}

function Languages() {
  return (
    <div class="seg langs" role="group" aria-label={t('nav.language')}>
      {langs.map((l) => (
        <button key={l} type="button" lang={htmlLang(l)} aria-pressed={lang.value === l} data-testid={`lang-${l}`}
          onClick={() => void setLang(l)}>{langNames[l]}</button>
      ))}
    </div>
  );
}

function SideNav({ at }: { at: Place }) {
  return (
    <nav class="nav" data-ground="room" aria-label={t('nav.label')}>
      <a class="brand" href="/studio"><Logo size={30} /><b>{common('app')}</b></a>
      <p class="shop"><Icon name="store" size={18} /><span class="grow sm b cut">{shopNames()}</span></p>
      {[...mainStops(), ...otherStops()].map((s) => <StopLink key={s.at} stop={s} at={at} />)}
      <span class="gap" />
      <label class="pick"><Icon name="globe" /><span class="vh">{t('nav.language')}</span>
        <select value={lang.value} data-testid="language" onChange={(e) => void setLang(e.currentTarget.value as typeof lang.value)}>
          {langs.map((l) => <option key={l} value={l}>{langNames[l]}</option>)}
        </select>
      </label>
      <a href="/"><Icon name="ext" /><span class="grow">{t('nav.market')}</span></a>
      <button type="button" data-testid="signout" onClick={() => void leave()}>
        <Icon name="user" /><span class="grow cut">{t('nav.out', { name: session.value?.viewer?.name ?? '' })}</span>
      </button>
    </nav>
  );
}

function MoreSheet({ close }: { close: () => void }) {
  return (
    <Sheet title={shopNames()} close={close} testId="more-sheet">
      <div class="more-list">
        <p class="sm t2">{session.value?.viewer?.name}</p>
        <Languages />
        {otherStops().map((s) => <a key={s.at} class="btn wide" href={s.href} data-testid={`nav-${s.at}`} onClick={close}><Icon name={s.icon} />{s.label}</a>)}
        <a class="btn wide" href="/"><Icon name="ext" />{t('nav.market')}</a>
        <button type="button" class="btn wide" data-testid="signout" onClick={() => void leave()}>{t('nav.leave')}</button>
      </div>
    </Sheet>
  );
}

function TabBar({ at }: { at: Place }) {
  const more = useSignal(false);
  const close = (): void => {
    more.value = false;
  };
  return (
    <>
      <nav class="tabs" aria-label={t('nav.label')}>
        {mainStops().map((s) => <StopLink key={s.at} stop={s} at={at} />)}
        <button type="button" data-testid="nav-more" onClick={() => { more.value = true; }}><Icon name="user" /><span>{t('nav.more')}</span></button>
      </nav>
      {more.value && <MoreSheet close={close} />}
    </>
  );
}

/** Night at the side, paper to work on. A phone has the same stops in a bar below. */
export function Frame({ at, children, bar = true }: { at: Place; children: ComponentChildren; bar?: boolean }) {
  return (
    <div class={`studio st${bar ? '' : ' no-bar'}`}>
      {wide.value && <SideNav at={at} />}
      <main class="pg">{children}</main>
      {!wide.value && bar && <TabBar at={at} />}
    </div>
  );
}

interface HeadProps {
  title: ComponentChildren;
  sub?: ComponentChildren;
  back?: () => void;
  mark?: ComponentChildren;
  children?: ComponentChildren;
}

/** The head of a page: where we are, what it is, what can be done with it. */
export function Head({ title, sub, back, mark, children }: HeadProps) {
  return (
    <header class="head">
      {back && <button type="button" class="icb" aria-label={t('back')} data-testid="back" onClick={back}><Icon name="back" size={22} /></button>}
      <div class="grow"><h1>{title}</h1>{sub && <div class="sm t2">{sub}</div>}</div>
      {mark}
      {children && <div class="acts">{children}</div>}
    </header>
  );
}
