// @vitest-environment node
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Chunk {
  file: string;
  imports?: string[];
  css?: string[];
}

const out = mkdtempSync(join(tmpdir(), 'nm-size-'));
let manifest: Record<string, Chunk>;

const packed = (file: string): number => gzipSync(readFileSync(join(out, file)), { level: 9 }).length;
const sum = (files: Iterable<string>): number => [...files].reduce((n, f) => n + packed(f), 0);

/** What a browser fetches for these entries: their scripts, what those import, and their styles. */
function closure(entries: string[]): { js: Set<string>; css: Set<string> } {
  const js = new Set<string>();
  const css = new Set<string>();
  const todo = [...entries];
  for (let key = todo.pop(); key; key = todo.pop()) {
    const c = manifest[key];
    if (!c) throw new Error(`${key} is not in the build`);
    if (js.has(c.file)) continue;
    js.add(c.file);
    for (const s of c.css ?? []) css.add(s);
    todo.push(...(c.imports ?? []));
  }
  return { js, css };
}

// Thai is the longest of the catalogues; only one is ever fetched.
const shell = ['index.html', 'src/i18n/th.json'];
const buying = [...shell, 'src/shop/i18n/th.json'];
const most: Record<string, number> = { home: 25_000, signin: 40_000 };
const screens: Record<string, string[]> = {
  home: shell,
  room: [...buying, 'src/room/view.tsx'],
  cart: [...buying, 'src/cart/view.tsx'],
  checkout: [...buying, 'src/checkout/view.tsx'],
  order: [...buying, 'src/order/view.tsx'],
  signin: [...shell, 'src/signin/view.tsx'],
};

beforeAll(async () => {
  // Vitest is another environment: what only it and the dev server see would be measured too.
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  await build({ logLevel: 'silent', build: { outDir: out, emptyOutDir: true, manifest: true } });
  process.env['NODE_ENV'] = before;
  manifest = JSON.parse(readFileSync(join(out, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;
}, 60_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe.each(Object.entries(screens))('first load of %s, compressed', (name, entries) => {
  it('keeps within the budgets', () => {
    const { js, css } = closure(entries);
    const script = sum(js);
    const page = sum(css) + packed('index.html');
    process.stdout.write(`  ${name}: JS ${(script / 1000).toFixed(1)} kB, HTML and CSS ${(page / 1000).toFixed(1)} kB\n`);
    expect(script).toBeLessThan(most[name] ?? 60_000);
    expect(page).toBeLessThan(20_000);
    expect([...js].some((f) => /hls|studio/.test(f))).toBe(false);
  });
});

describe('the build', () => {
  it('keeps the player library apart, the light one small', () => {
    const light = Object.entries(manifest).find(([key]) => key.includes('hls.light'));
    expect(packed(light?.[1].file ?? '')).toBeLessThan(125_000);
  });

  it('keeps icons small', () => {
    expect(sum(['icon.svg', 'icon-180.png'])).toBeLessThan(20_000);
  });

  it('holds nothing inline that the policy would refuse, and the marks that the server fills', () => {
    const html = readFileSync(join(out, 'index.html'), 'utf8');
    expect(html).toContain('<!--nm:head-->');
    expect(html).toContain('<script type="application/json" id="nm-boot"></script>');
    expect(html).toMatch(/^<!doctype html>\s*<html lang="zh-Hant-TW"/i);
    expect(html.replace('<script type="application/json" id="nm-boot"></script>', '')).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|<style/);
  });

  it('has a compressed copy beside every script and style', () => {
    const { js, css } = closure(screens['room'] ?? []);
    for (const f of [...js, ...css]) {
      if (readFileSync(join(out, f)).length < 512) continue;
      expect(readFileSync(join(out, `${f}.gz`)).length).toBeLessThan(readFileSync(join(out, f)).length);
      expect(readFileSync(join(out, `${f}.br`)).length).toBeGreaterThan(0);
    }
  });

  it('has a worker that stands alone and keeps a small shell: neither the studio nor the player', () => {
    const sw = readFileSync(join(out, 'sw.js'), 'utf8');
    const files = /files:(\[[^\]]*\])|"files":(\[[^\]]*\])/.exec(sw);
    const list = JSON.parse(files?.[1] ?? files?.[2] ?? '[]') as string[];
    expect(sw).not.toMatch(/\bimport\b|NM_FILES/);
    expect(list).toContain('/shell.html');
    expect(list.some((f) => /hls|studio|screens/.test(f))).toBe(false);
    const kept = sum(list.map((f) => f.slice(1)));
    process.stdout.write(`  the worker keeps ${list.length} files, ${(kept / 1000).toFixed(1)} kB\n`);
    expect(kept).toBeLessThan(160_000);
  });

  it('leaves the gallery out', () => {
    expect(Object.keys(manifest).filter((k) => k.includes('gallery'))).toEqual([]);
  });
});
