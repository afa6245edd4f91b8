/*
 * Each view alone with made-up data: /gallery.html?view=room-live&lang=th&ground=white
 * `lang` is zh-TW, th, en or `long` (pseudo-locale, 40 % longer); `ground` swaps the picture for a
 * flat colour, to look at contrast. Without `view`: a list of them. Dev server only.
 */
import { render } from 'preact';
import '../src/styles/tokens.css';
import '../src/styles/base.css';
import '../src/styles/components.css';
import { asLang } from '../src/i18n/area.ts';
import { setLang, viewer } from '../src/i18n/index.ts';
import { Toasts } from '../src/ui/toast.tsx';
import { setServerNow } from '../src/ui/clock.ts';
import en from '../src/i18n/en.json';
import { shopReady, strings as buying } from '../src/shop/strings.ts';
import enBuying from '../src/shop/i18n/en.json';
import { peopleReady, peopleStrings } from '../src/people/strings.ts';
import enPeople from '../src/people/i18n/en.json';
import { payReady, payStrings } from '../src/pay/strings.ts';
import { legalReady } from '../src/legal/strings.ts';
import { appReady } from '../src/pwa/strings.ts';
import enPaying from '../src/pay/i18n/en.json';
import { fakeFetch } from './answers.ts';
import { now } from './data.ts';
import { pseudo } from './pseudo.ts';
import { views } from './views.tsx';

const query = new URLSearchParams(location.search);
const name = query.get('view') ?? '';
const make = views[name];
const root = document.getElementById('app');

function Index() {
  return (
    <ul>
      {Object.keys(views).map((v) => <li key={v}><a class="link" href={`?view=${v}`}>{v}</a></li>)}
    </ul>
  );
}

function paintVideo(ground: string | null): void {
  const v = document.querySelector('video');
  if (!v) return;
  if (ground) {
    v.style.background = ground;
    document.querySelector<HTMLElement>('.poster')?.remove();
    v.classList.remove('off');
  } else v.poster = '/img/tw-bag.jpg';
}

async function start(into: HTMLElement): Promise<void> {
  window.fetch = (url) => fakeFetch(String(url));
  Date.now = () => now; // time stands still: a picture of a view is the same every day
  setServerNow(now);
  await setLang(asLang(query.get('lang') ?? 'zh-TW'));
  await Promise.all([shopReady(), payReady(), peopleReady(), appReady(), legalReady()]);
  if (query.get('lang') === 'long') {
    viewer.set(pseudo(en));
    buying.set(pseudo(enBuying));
    payStrings.set(pseudo(enPaying));
    peopleStrings.set(pseudo(enPeople));
  }
  const view = make?.();
  document.documentElement.dataset['ground'] = name.startsWith('room') ? 'room' : 'paper';
  render(<>{view ?? <Index />}<Toasts /></>, into);
  paintVideo(query.get('ground'));
  document.documentElement.dataset['ready'] = 'yes';
}

if (root) void start(root);
