import { describe, expect, it } from 'vitest';
import { noticeOf, ownPath, tabFor } from './notice.ts';
import { planOf, type Asked } from './route.ts';
import { cacheOf, stale } from './store.ts';

const origin = 'https://market.example';
const files = new Set(['/icon.svg', '/shell.html']);
const plan = (path: string, more: Partial<Asked> = {}): string =>
  planOf({ method: 'GET', mode: 'cors', url: path.startsWith('http') ? path : origin + path, range: false, ...more }, origin, files);
const nav = { mode: 'navigate' };

describe('what the worker answers for', () => {
  it('is pages, hashed files and the files of its version', () => {
    expect(plan('/', nav)).toBe('page');
    expect(plan('/s/shw_1?t=3', nav)).toBe('page');
    expect(plan('/assets/index-AbCd1234.js')).toBe('asset');
    expect(plan('/icon.svg')).toBe('file');
  });

  it('is never the API, an event stream, media, pictures of goods or what another host has', () => {
    for (const p of ['/api/v1/cart?shop=a', '/api/v1/shows/shw_1/events', '/files/a/480.webp', '/img/tw-bag.jpg', '/sw.js', '/healthz', 'https://video.example/assets/a.js', `${origin}.evil.example/icon.svg`])
      expect([p, plan(p)]).toEqual([p, 'pass']);
  });

  it('is never what is sent, nor a part of a file', () => {
    expect(plan('/', { ...nav, method: 'POST' })).toBe('pass');
    expect(plan('/assets/index-AbCd1234.js', { method: 'PUT' })).toBe('pass');
    expect(plan('/assets/index-AbCd1234.js', { range: true })).toBe('pass');
  });

  it('leaves the way to a provider, a calendar and a download to the server', () => {
    for (const p of ['/api/v1/auth/line/start?next=/', '/api/v1/shows/shw_1/calendar.ics', '/files/x/a.zip', '/metrics'])
      expect(plan(p, nav)).toBe('pass');
  });
});

describe('what a push says', () => {
  it('is shown as it is when it is in order', () => {
    const said = { title: '小舖十分鐘後開播', body: '燈下開賣', url: '/s/shw_1', tag: 'show-shw_1', lang: 'zh-TW' };
    expect(noticeOf(JSON.stringify(said), origin)).toEqual(said);
  });

  it('leads nowhere but to our own pages', () => {
    for (const url of ['https://evil.example/', '//evil.example/x', 'javascript:alert(1)', '/\\evil.example', '/api/v1/me', 'data:text/html,x', 7, null, `/${'a'.repeat(900)}`])
      expect([url, ownPath(url, origin)]).toEqual([url, '/']);
    expect(ownPath(`${origin}/o/T1?s=x`, origin)).toBe('/o/T1?s=x');
  });

  it('is our name alone when it makes no sense, and never more than fits', () => {
    for (const text of ['', '{', '[]x', 'null', '"hi"', '{"title":{}}']) expect(noticeOf(text, origin)).toMatchObject({ title: 'Nightmarket', body: '', url: '/' });
    const long = noticeOf(JSON.stringify({ title: 'a'.repeat(999), body: 'b\u0000\u202eb'.repeat(999), tag: 'c'.repeat(99), lang: 'xx' }), origin);
    expect([long.title.length, long.body.length, long.tag.length, long.lang]).toEqual([120, 300, 64, '']);
    expect(long.body).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });

  it('goes to the tab that shows the page already', () => {
    const tabs = [{ url: `${origin}/` }, { url: `${origin}/s/shw_1?t=9` }];
    expect(tabFor(tabs, '/s/shw_1', origin)).toBe(tabs[1]);
    expect(tabFor(tabs, '/o/T1', origin)).toBeNull();
  });
});

describe('versions', () => {
  it('keeps the one before, whose tabs may still be open, and drops older ones', () => {
    expect(stale([cacheOf('a'), 'nm-used', cacheOf('b'), cacheOf('c')], cacheOf('c'))).toEqual([cacheOf('a')]);
    expect(stale([cacheOf('a')], cacheOf('a'))).toEqual([]);
    expect(stale([cacheOf('a'), cacheOf('b')], cacheOf('a'))).toEqual([]);
  });
});
