import { h, render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import { App, prefetch } from './app.tsx';
import { boot, bootLang } from './boot.ts';
import { setLang } from './i18n/index.ts';
import { watchLinks } from './ui/route.ts';

const root = document.getElementById('app');

async function start(into: HTMLElement): Promise<void> {
  prefetch(location.pathname, boot?.show ?? null);
  watchLinks();
  await setLang(bootLang);
  render(h(App, null), into);
}

if (root) void start(root);
