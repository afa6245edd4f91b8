import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const mark = 'NM_FILES';
const entry = 'src/sw/main.ts';

/** What opens without a network: the shell, the screens that can say something then, their words. */
const wanted = [
  /\/index\.html$/, /\/src\/(?:room|cart)\/view\.tsx$/, /\/src\/offline\/away\.tsx$/, /\/src\/pwa\/start\.ts$/,
  /\/src\/(?:i18n|pwa\/i18n)\/[\w-]+\.json$/, /\/src\/(?:shop|pwa)\/strings\.ts$/,
];
/** Files of public/ that the shell shows. */
const pictures = ['icon.svg', 'icon-192.png', 'badge-96.png'];

interface Piece {
  facadeModuleId?: string | null;
  moduleIds: string[];
  imports: string[];
  viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> };
}

type Bundle = Record<string, { type: 'chunk' | 'asset'; fileName: string }>;

const pieceOf = (bundle: Bundle, name: string): Piece | null =>
  bundle[name]?.type === 'chunk' ? (bundle[name] as unknown as Piece) : null;

/** The pieces that were wished for, what they import, their styles and what those use. */
function closure(bundle: Bundle): string[] {
  const asked = (p: Piece | null): boolean => [p?.facadeModuleId ?? '', ...(p?.moduleIds ?? [])].some((id) => wanted.some((w) => w.test(id)));
  const todo = Object.keys(bundle).filter((n) => asked(pieceOf(bundle, n)));
  const out = new Set<string>();
  for (let name = todo.pop(); name; name = todo.pop()) {
    const piece = pieceOf(bundle, name);
    if (out.has(name)) continue;
    out.add(name);
    todo.push(...(piece?.imports ?? []));
    for (const f of [...(piece?.viteMetadata?.importedCss ?? []), ...(piece?.viteMetadata?.importedAssets ?? [])]) out.add(f);
  }
  return [...out].toSorted();
}

/**
 * Builds the service worker as `sw.js` beside the app, with the list of what it keeps, and the shell
 * as `shell.html`: the page as it is before the server has filled it in, the same for everybody.
 */
export function worker(): Plugin {
  let publicDir = '';
  return {
    name: 'nm-worker',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      ({ publicDir } = config);
    },
    buildStart() {
      this.emitFile({ type: 'chunk', id: entry, fileName: 'sw.js' });
    },
    generateBundle(_, bundle) {
      const sw = bundle['sw.js'];
      const html = bundle['index.html'];
      if (sw?.type !== 'chunk' || html?.type !== 'asset') this.error('the worker or the page was not built');
      if (sw.imports.length > 0 || !sw.code.includes(mark)) this.error('the worker must stand alone and name its files');
      this.emitFile({ type: 'asset', fileName: 'shell.html', source: html.source });
      const names = closure(bundle as unknown as Bundle);
      const hash = createHash('sha256').update(sw.code).update(html.source).update(names.join());
      for (const p of pictures) hash.update(readFileSync(join(publicDir, p)));
      const files = ['/shell.html', ...names.filter((n) => n !== 'index.html' && n !== 'sw.js').map((n) => `/${n}`), ...pictures.map((p) => `/${p}`)];
      const list = JSON.stringify({ version: hash.digest('hex').slice(0, 12), files });
      sw.code = sw.code.replace(mark, () => list);
    },
  };
}
