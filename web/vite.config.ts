import { defineConfig } from 'vitest/config';
import { precompress } from './tools/precompress.ts';
import { worker } from './tools/worker.ts';

// The dev server gives pages itself and passes everything of the API to a running nightmarket.
const server = 'http://127.0.0.1:8080';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the policy allows fonts and scripts from our own origin only
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What every page has is one file: each file more costs a first visit its headers.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'base', test: /node_modules\/(preact|@preact)\/|src\/(i18n\/(area|index)\.ts|ui\/(route|icon|icon-paths)\.tsx?)$|preload-helper/ }] } },
    },
  },
  plugins: [worker(), precompress()],
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: server, changeOrigin: false } },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}', 'gallery/*.test.tsx', 'tools/*.test.ts'],
  },
});
