import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { langs } from './area.ts';

const root = join(import.meta.dirname, '..');

function filesUnder(dir: string, out: string[] = []): string[] {
  for (const e of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, e.name);
    if (e.isDirectory()) filesUnder(path, out);
    else out.push(path);
  }
  return out;
}

const all = filesUnder(root);
const read = (dir: string, l: string): Record<string, string> =>
  JSON.parse(readFileSync(join(dir, `${l}.json`), 'utf8')) as Record<string, string>;
const marks = (s: string | undefined): string[] => [...(s ?? '').matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').toSorted();

// An area is a folder with a zh-TW.json. The studio's is read by the studio, every other by the viewer side.
const areas = all.filter((f) => f.endsWith('/zh-TW.json')).map((f) => f.slice(0, -'/zh-TW.json'.length));
const inStudio = (f: string): boolean => f.startsWith(join(root, 'studio'));

describe.each(areas)('strings in %s', (dir) => {
  const first = read(dir, 'zh-TW');
  const sources = all.filter((f) => /(?<!\.test)\.tsx?$/.test(f) && inStudio(f) === inStudio(dir));
  const code = sources.map((f) => readFileSync(f, 'utf8')).join('\n');

  it.each(langs)('%s has every key and no other, all filled', (l) => {
    const strings = read(dir, l);
    expect(Object.keys(strings).toSorted()).toEqual(Object.keys(first).toSorted());
    expect(Object.entries(strings).filter(([, s]) => s.trim() === '')).toEqual([]);
  });

  it.each(langs)('%s has the same marks in each string', (l) => {
    const strings = read(dir, l);
    const wrong = Object.keys(first).filter((k) => marks(strings[k]).join() !== marks(first[k]).join());
    expect(wrong).toEqual([]);
  });

  it('uses every key', () => {
    // A key built from parts is named by what stands before its variable: t(`state.${x}`)
    const built = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map((m) => m[1] ?? '');
    const unused = Object.keys(first).filter((k) => !code.includes(`'${k}'`) && !built.some((b) => k.startsWith(b)));
    expect(unused).toEqual([]);
  });

  it('has no Chinese or Thai in English, and no exclamation marks', () => {
    const english = Object.values(read(dir, 'en')).filter((s) => /[\u0e00-\u0e7f\u4e00-\u9fff]/.test(s));
    const loud = langs.flatMap((l) => Object.values(read(dir, l)).filter((s) => /[!！]/.test(s)));
    expect(english).toEqual([]);
    expect(loud).toEqual([]);
  });
});
