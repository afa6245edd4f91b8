import { useState } from 'preact/hooks';
import { langAttr } from '../ui/words.tsx';
import { moneyText } from '../i18n/money.ts';
import { pick } from '../i18n/format.ts';
import { Icon, Logo } from '../ui/icon.tsx';
import { path } from '../ui/route.ts';
import { roomIn } from '../ui/stay.ts';
import { useTitle } from '../ui/title.ts';
import { whenText } from '../ui/when.ts';
import { Words } from '../ui/words.tsx';
import { ta } from '../pwa/strings.ts';
import { lastCart, lastShow, type LastCart, type LastShow } from './keep.ts';
import { lookNow } from './reach.ts';
import './style.css';

const longestText = 200;
const draftKey = (show: string): string => `nm-draft-${show}`;

function readDraft(show: string): string {
  try {
    return sessionStorage.getItem(draftKey(show)) ?? '';
  } catch {
    return '';
  }
}

function writeDraft(show: string, text: string): void {
  try {
    if (text) sessionStorage.setItem(draftKey(show), text);
    else sessionStorage.removeItem(draftKey(show));
  } catch {
    // blocked: it lives as long as this page
  }
}

/** What was typed in the room goes on here; it is sent from the room, by a person. */
function Draft({ show }: { show: string }) {
  const [text, setText] = useState(() => readDraft(show));
  return (
    <section class="card stack">
      <label class="fld"><span class="lb">{ta('away.draft')}</span>
        <textarea class="inp" rows={2} maxLength={longestText} value={text} data-testid="away-draft"
          onInput={(e) => { setText(e.currentTarget.value); writeDraft(show, e.currentTarget.value); }} /></label>
      <p class="xs t2">{ta('away.draftNote')}</p>
    </section>
  );
}

function ShowCard({ s }: { s: LastShow }) {
  return (
    <section><h2 class="sec">{ta('away.show')}</h2>
      <a class="card row away-show" href={`/s/${s.id}`} data-testid="away-show">
        <Logo size={40} />
        <span class="grow"><b class="cut2"><Words of={s.title} /></b><span class="sm t2">{s.shop}{s.starts_at !== null && s.state === 'scheduled' && <> · {whenText(s.starts_at, Date.now())}</>}</span></span>
      </a>
    </section>
  );
}

function CartLine({ l, now }: { l: LastCart['lines'][number]; now: number }) {
  const name = pick(l.title);
  return (
    <li class="row" data-testid="away-line">
      {l.code && <span class="code">{l.code}</span>}
      <span class="grow"><b class="sm" {...langAttr(name.lang)}>{name.text}</b>
        <span class="xs t2">{[...l.options, ta('away.qty', { n: l.qty })].join(' · ')}</span>
        <span class="xs t2">{l.until > now ? ta('away.until', { time: whenText(l.until, now) }) : ta('away.over')}</span></span>
      <span class="num">{moneyText(l)}</span>
    </li>
  );
}

function CartCard({ c }: { c: LastCart }) {
  const now = Date.now();
  return (
    <section data-testid="away-cart"><h2 class="sec">{ta('away.cart')}</h2>
      <div class="card stack">
        <p class="xs t2">{c.shop} · {ta('away.cartAt', { time: whenText(c.at, now) })}</p>
        <ul class="away-lines">{c.lines.map((l, i) => <CartLine key={i} l={l} now={now} />)}</ul>
        <p class="xs t2">{ta('away.cartNote')}</p>
      </div>
    </section>
  );
}

/** The whole page while the server is out of reach: what was last seen, and the word that is not yet sent. */
export function Away() {
  useTitle(ta('away.title'));
  const room = roomIn(path.value);
  const show = lastShow();
  const cart = lastCart();
  return (
    <main class="away" data-testid="away">
      <div class="empty">
        <Logo size={56} />
        <h1>{ta('away.title')}</h1>
        <span class="sm t2">{ta('away.text')}</span>
        <button type="button" class="btn s" data-testid="away-again" onClick={lookNow}><Icon name="signal" size={18} />{ta('away.again')}</button>
      </div>
      {room && <Draft key={room} show={room} />}
      {show && <ShowCard s={show} />}
      {cart && <CartCard c={cart} />}
      {!show && !cart && !room && <p class="sm t2 none">{ta('away.none')}</p>}
    </main>
  );
}
