import { h, render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import { App, prefetch } from './app.tsx';
import { boot, bootLang } from './boot.ts';
import { setLang } from './i18n/index.ts';
import { holdInstall } from './pwa/eager.ts';
import { adrift } from './ui/offline.tsx';
import { watchLinks } from './ui/route.ts';

const root = document.getElementById('app');
/** The picture comes first: what the page can do without for some seconds waits for it. */
const laterMs = 2500;

/** The app on the phone, and a page that began without the server. */
function app(): void {
  if (import.meta.env.DEV) return;
  holdInstall();
  if (!boot) {
    adrift.value = !navigator.onLine;
    void import('./offline/reach.ts').then((m) => m.findServer());
  }
  const later = (): unknown => setTimeout(() => void import('./pwa/start.ts').then((m) => m.startApp()).catch(() => undefined), laterMs);
  if (document.readyState === 'complete') later();
  else addEventListener('load', later, { once: true });
}

/** LINE has opened this page as its own: then LINE says who is here. */
const inLine = navigator.userAgent.includes('LIFF');

async function start(into: HTMLElement): Promise<void> {
  app();
  prefetch(location.pathname, boot?.show ?? null);
  watchLinks();
  await setLang(bootLang);
  render(h(App, null), into);
  if (inLine) void import('./people/liff.ts').then((m) => m.startInLine()).catch(() => undefined);
}

if (root) void start(root);
