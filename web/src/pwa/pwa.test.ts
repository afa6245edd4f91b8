import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { forget, keepShow, lastShow } from '../offline/keep.ts';
import { langs } from '../i18n/area.ts';
import { go } from '../ui/route.ts';
import { held, type InstallOffer } from './eager.ts';
import { declineInstall, isIos, offered, offerInstall } from './install.ts';
import { busy, doing, Updates, waitsLong } from './update.ts';
import type { Show } from '../api/types.ts';

const idle = { path: '/', sheet: false, typed: false, watching: false };
const waiting = () => ({ postMessage: vi.fn() }) as unknown as ServiceWorker & { postMessage: ReturnType<typeof vi.fn> };

afterEach(() => {
  document.body.innerHTML = '';
  localStorage.clear();
  waitsLong.value = false;
  offered.value = null;
  held.value = null;
  go('/');
  vi.useRealTimers();
});

describe('a new version', () => {
  it('waits while money, a sale, a sheet, a show or something typed is in hand', () => {
    expect(busy(idle)).toBe(false);
    for (const path of ['/checkout', '/pay/T261122-0001', '/b/bil_1', '/signin', '/studio/new', '/studio/shows/shw_1']) expect([path, busy({ ...idle, path })]).toEqual([path, true]);
    for (const path of ['/', '/o/T261122-0001', '/me', '/legal/terms', '/studio/orders']) expect([path, busy({ ...idle, path })]).toEqual([path, false]);
    for (const what of ['sheet', 'typed', 'watching'] as const) expect([what, busy({ ...idle, [what]: true })]).toEqual([what, true]);
  });

  it('sees what is typed and what lies over the page', () => {
    document.body.innerHTML = '<input value="as it was"><input type="checkbox" checked><textarea></textarea>';
    expect(doing()).toMatchObject({ typed: false, sheet: false });
    const area = document.querySelector('textarea');
    if (area) area.value = '還有黑色嗎';
    document.body.insertAdjacentHTML('beforeend', '<section role="dialog"></section>');
    expect(doing()).toMatchObject({ typed: true, sheet: true });
  });

  it('takes over when nothing is in hand, and the page begins anew once', () => {
    const begin = vi.fn();
    const next = waiting();
    const u = new Updates(begin);
    u.wait(next);
    go('/checkout');
    u.tryNow();
    expect(next.postMessage).not.toHaveBeenCalled();
    go('/me');
    u.tryNow();
    u.tryNow();
    expect(next.postMessage.mock.calls).toEqual([[{ type: 'take-over' }]]);
    expect(begin).not.toHaveBeenCalled();
    u.changed();
    expect(begin).toHaveBeenCalledTimes(1);
  });

  it('that another tab let in does not disturb this one until nothing is in hand', () => {
    const begin = vi.fn();
    const u = new Updates(begin);
    go('/checkout');
    u.changed();
    u.tryNow();
    expect(begin).not.toHaveBeenCalled();
    go('/cart');
    u.tryNow();
    expect(begin).toHaveBeenCalledTimes(1);
  });

  it('is offered in words only after it has waited long', () => {
    vi.useFakeTimers();
    new Updates(vi.fn()).wait(waiting());
    expect(waitsLong.value).toBe(false);
    vi.advanceTimersByTime(21 * 60_000);
    expect(waitsLong.value).toBe(true);
  });
});

describe('installing', () => {
  it('is offered where the browser can, and not again after a no', () => {
    offerInstall();
    expect(offered.value).toBeNull();
    held.value = { prompt: vi.fn() } as unknown as InstallOffer;
    offerInstall();
    expect(offered.value).toBe('ask');
    declineInstall();
    offerInstall();
    expect(offered.value).toBeNull();
  });

  it('knows an iPad that says it is a Mac', () => {
    const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15';
    expect([isIos(mac, 0), isIos(mac, 5), isIos('Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)', 5), isIos('Mozilla/5.0 (Linux; Android 14)', 5)]).toEqual([false, true, true, false]);
  });

  it('has a manifest in every language, alike but for its words', () => {
    const read = (l: string): Record<string, unknown> => JSON.parse(readFileSync(join(import.meta.dirname, `../../public/manifest${l}.webmanifest`), 'utf8')) as Record<string, unknown>;
    const bare = (m: Record<string, unknown>): unknown =>
      ({ ...m, name: '', short_name: '', description: '', lang: '', shortcuts: (m['shortcuts'] as { url: string }[]).map((s) => s.url), screenshots: (m['screenshots'] as { src: string }[]).map((s) => s.src) });
    for (const l of langs) expect(bare(read(`.${l}`))).toEqual(bare(read('')));
    expect(new Set(langs.map((l) => read(`.${l}`)['name'])).size).toBeGreaterThan(3);
  });
});

describe('what is kept to look at without a network', () => {
  const show = { id: 'shw_1', title: { en: 'Under the lanterns' }, shop: { id: 'shp_1', slug: 'a', name: 'A' }, starts_at: 5, state: 'scheduled' } as unknown as Show;

  it('is what was last seen, for a week, and nothing after signing out', () => {
    keepShow(show);
    expect(lastShow()).toMatchObject({ id: 'shw_1', shop: 'A' });
    vi.useFakeTimers({ now: Date.now() + 8 * 86_400_000 });
    expect(lastShow()).toBeNull();
    vi.useRealTimers();
    forget();
    expect(lastShow()).toBeNull();
  });

  it('does without storage', () => {
    const blocked = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
    expect(() => keepShow(show)).not.toThrow();
    blocked.mockRestore();
  });
});
