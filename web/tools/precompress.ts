import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

// Pictures and woff2 are compressed already; below this a header costs more than it saves.
const worthIt = /\.(?:html|js|css|svg|json|webmanifest|txt)$/;
const smallest = 512;

function* files(dir: string): Generator<string> {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

/** Writes `.gz` and `.br` beside every text file of the build, so that the server never compresses. */
export function precompress(): Plugin {
  let out = '';
  return {
    name: 'nm-precompress',
    apply: 'build',
    configResolved(config) {
      out = config.build.outDir;
    },
    closeBundle() {
      for (const path of files(out)) {
        const body = worthIt.test(path) ? readFileSync(path) : null;
        // The shell is filled in by the server for each request: a stored copy would be stale.
        if (!body || body.length < smallest || path.endsWith('index.html')) continue;
        writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }));
        const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        writeFileSync(`${path}.br`, brotliCompressSync(body, { params: quality }));
      }
    },
  };
}
