import { h, render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import { App } from './app.tsx';
import { bootLang } from './boot.ts';
import { setLang } from './i18n/index.ts';
import { watchLinks } from './ui/route.ts';

const root = document.getElementById('app');

async function start(into: HTMLElement): Promise<void> {
  watchLinks();
  await setLang(bootLang);
  render(h(App, null), into);
}

if (root) void start(root);
