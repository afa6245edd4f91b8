import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from './soak.mjs';

test('a minute on air with a cut: no hole, no rule broken', { timeout: 180_000 }, async () => {
  const seen = await soak(50);
  assert.ok(seen.reloads > 50 * 3, `${seen.reloads} reloads: the playlist comes part by part`);
});
