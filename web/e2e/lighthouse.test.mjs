// Lighthouse 12 finds nothing wrong with access, good practice and being found on the pages that
// strangers come to first. What loading takes is printed, not held to: machines are noisy.
import assert from 'node:assert/strict';
import { openChrome, look } from '../../test/lighthouse/look.mjs';
import { list, makeGoods } from './shop-kit.mjs';
import { journey } from './world.mjs';

journey('lighthouse', async (w, part) => {
  const goods = await makeGoods(w);
  const { id } = await w.makeShow();
  await list(w, id, { A12: goods.bag });
  const chrome = await openChrome();
  try {
    const pages = { home: '/', room: `/s/${id}`, product: `/p/${goods.bag.id}`, signin: '/signin?next=/me' };
    for (const [name, path] of Object.entries(pages))
      await part(`${name}: nothing to mend`, async () => {
        const timed = name === 'room';
        const seen = await look(chrome, w.base + path, { categories: ['accessibility', 'best-practices', 'seo', ...(timed ? ['performance'] : [])], skip: timed ? [] : ['full-page-screenshot'] });
        assert.equal(seen.error, null);
        console.log(`lighthouse ${name}: ${JSON.stringify(seen.scores)}${timed ? ` ${JSON.stringify(seen.figures)}` : ''}`);
        assert.deepEqual(seen.failed.filter((f) => !f.startsWith('performance/')), []);
      });
  } finally {
    chrome.kill();
  }
});
