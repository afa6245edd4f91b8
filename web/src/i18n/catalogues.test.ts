// @vitest-environment node
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { langs, type Lang } from './area.ts';
import { foreign, loud, marks, names } from './rules.ts';

const tree = join(import.meta.dirname, '../../..');
const root = join(tree, 'web/src');

function filesUnder(dir: string, out: string[] = []): string[] {
  for (const e of existsSync(dir) ? readdirSync(dir, { withFileTypes: true }) : []) {
    const path = join(dir, e.name);
    if (e.isDirectory()) filesUnder(path, out);
    else out.push(path);
  }
  return out;
}

const all = filesUnder(root);
const read = (dir: string, l: string): Record<string, string> => JSON.parse(readFileSync(join(dir, `${l}.json`), 'utf8')) as Record<string, string>;
const foldersOf = (files: string[]): string[] => files.filter((f) => f.endsWith('/zh-TW.json')).map((f) => relative(tree, f.slice(0, -'/zh-TW.json'.length)));

// An area is a folder with a zh-TW.json. The studio's is read by the studio, every other by the viewer side;
// those under src/ are the server's, and its own tests know which keys it uses.
const areas = foldersOf(all);
const served = foldersOf(filesUnder(join(tree, 'src')));
const inStudio = (f: string): boolean => f.startsWith('web/src/studio');

describe.each([...areas, ...served])('strings in %s', (folder) => {
  const dir = join(tree, folder);
  const first = read(dir, 'zh-TW');
  const english = read(dir, 'en');

  it.each(langs)('%s has every key and no other, all filled', (l) => {
    const strings = read(dir, l);
    expect(Object.keys(strings).toSorted()).toEqual(Object.keys(first).toSorted());
    expect(Object.entries(strings).filter(([, s]) => s.trim() === '' || s !== s.trim())).toEqual([]);
  });

  it.each(langs)('%s has the same marks in each string', (l) => {
    const strings = read(dir, l);
    const wrong = Object.keys(first).filter((k) => marks(strings[k]) !== marks(first[k]));
    expect(wrong).toEqual([]);
  });

  it.each(langs)('%s is in its own script, translated, and not loud', (l: Lang) => {
    const found = Object.entries(read(dir, l)).flatMap(([k, s]) => {
      const strange = foreign(s, l);
      const copied = l !== 'en' && s === english[k] && !names(s) ? ['is the English one'] : [];
      return [...strange, ...copied, ...(loud(s) ? ['shouts'] : [])].map((why) => `${k}: ${s} (${why})`);
    });
    expect(found).toEqual([]);
  });
});

describe.each(areas)('keys of %s', (folder) => {
  it('are all used', () => {
    const sources = all.filter((f) => /(?<!\.test)\.tsx?$/.test(f) && inStudio(relative(tree, f)) === inStudio(folder));
    const code = sources.map((f) => readFileSync(f, 'utf8')).join('\n');
    // A key built from parts is named by what stands before its variable: t(`state.${x}`)
    const built = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map((m) => m[1] ?? '');
    const unused = Object.keys(read(join(tree, folder), 'zh-TW')).filter((k) => !code.includes(`'${k}'`) && !built.some((b) => k.startsWith(b)));
    expect(unused).toEqual([]);
  });
});

describe('the list of words in docs/guides/languages.md', () => {
  const guide = readFileSync(join(tree, 'docs/guides/languages.md'), 'utf8');
  const rows = [...guide.matchAll(/^\|(.+)\|$/gm)].map((m) => (m[1] ?? '').split('|').map((c) => c.trim())).filter((c) => /^[\w/]+ \w+\.[\w.]+$/.test(c[6] ?? ''));

  it('is there', () => expect(rows.length).toBeGreaterThan(15));

  it.each(rows)('%s', (...row) => {
    const [area = '', key = ''] = (row[6] ?? '').split(' ');
    const dir = join(root, area === 'app' ? '' : area, 'i18n');
    const told = langs.map((l) => read(dir, l)[key]?.toLowerCase() ?? '');
    expect(told.map((text, i) => text.includes((row[i + 1] ?? '?').toLowerCase()))).toEqual(langs.map(() => true));
  });
});

describe('the rules', () => {
  it('tell the scripts apart', () => {
    expect([foreign('订单', 'zh-TW'), foreign('訂單', 'zh-CN'), foreign('订单', 'ja'), foreign('注文', 'en'), foreign('Order สั่ง', 'en'), foreign('注文', 'th')].map((f) => f.length > 0)).toEqual(Array(6).fill(true));
    expect([foreign('訂單', 'zh-TW'), foreign('订单', 'zh-CN'), foreign('注文を見る', 'ja'), foreign('Order', 'en'), foreign('คำสั่งซื้อ', 'th')].flat()).toEqual([]);
    expect(foreign('注文确认', 'ja')).not.toEqual([]);
    expect(names('Krungthai NEXT')).toBe(true);
    expect(names('See the order')).toBe(false);
  });

  it('read a word that goes with a number as its mark', () => {
    expect(marks('{n} {n|item|items}')).toBe(marks('{n} 件'));
    expect(marks('{a}')).not.toBe(marks('{b}'));
  });
});
