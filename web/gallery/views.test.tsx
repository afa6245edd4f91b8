import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { langs, setLang } from '../src/i18n/index.ts';
import strings from '../src/i18n/en.json';
import { payReady } from '../src/pay/strings.ts';
import { offer } from '../src/people/offer.ts';
import { peopleReady } from '../src/people/strings.ts';
import people from '../src/people/i18n/en.json';
import { legalReady } from '../src/legal/strings.ts';
import { appReady } from '../src/pwa/strings.ts';
import paying from '../src/pay/i18n/en.json';
import { shopReady } from '../src/shop/strings.ts';
import buying from '../src/shop/i18n/en.json';
import { fakeFetch, forget } from './answers.ts';
import { now } from './data.ts';
import { views } from './views.tsx';

let root: HTMLElement;

beforeAll(async () => {
  vi.stubGlobal('fetch', fakeFetch);
  await Promise.all([shopReady(), payReady(), peopleReady(), appReady(), legalReady()]);
  vi.spyOn(Date, 'now').mockReturnValue(now);
});
afterAll(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
beforeEach(() => {
  root = document.createElement('div');
  document.body.append(root);
});
afterEach(() => {
  act(() => render(null, root));
  root.remove();
  forget();
  history.replaceState(null, '', '/');
  offer.value = null;
});

const nameOf = (e: Element): string =>
  (e.getAttribute('aria-label') ?? e.textContent ?? '').trim() || (e.querySelector('img')?.getAttribute('alt') ?? '');

const named = (e: Element): boolean => {
  if (e.matches('input, select, textarea')) return Boolean(e.getAttribute('aria-label') ?? e.closest('label')?.textContent);
  return nameOf(e) !== '';
};

describe.each(Object.entries(views))('view %s', (_name, make) => {
  it.each(langs)('is whole in %s: no key shows, every control has a name', async (l) => {
    await setLang(l);
    await act(async () => {
      render(make(), root);
      await new Promise((done) => setTimeout(done));
    });
    const text = root.textContent ?? '';
    expect([...Object.keys(strings), ...Object.keys(buying), ...Object.keys(paying), ...Object.keys(people)].filter((k) => k.includes('.') && text.includes(k))).toEqual([]);
    expect(text).not.toMatch(/\{\w+\}|undefined|NaN/);
    expect(text).not.toMatch(/NT\$\d[\d,]*\.\d/);
    expect([...root.querySelectorAll('button, a[href], input:not([type=hidden]), select, textarea, [role=slider]')].filter((e) => !named(e)).map((e) => e.outerHTML)).toEqual([]);
  });
});
