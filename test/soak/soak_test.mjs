import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from './soak.mjs';

test('half a minute on air with a cut: no hole, no rule broken', { timeout: 180_000 }, async () => {
  const seen = await soak(30);
  assert.ok(seen.reloads > 30 * 3, `${seen.reloads} reloads: the playlist comes part by part`);
});
