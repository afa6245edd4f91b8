// Keeping order: what the seller does in the console is what viewers see, and those who misbehave.
import assert from 'node:assert/strict';
import { Person, desk, journey, phone, sleep, until } from './world.mjs';

journey('moderation', async (w, part) => {
  const { id } = await w.makeShow();
  const loud = new Person(w.base);
  let console_, viewer;
  const lineOf = (page, text) => page.getByTestId('mod-line').filter({ hasText: text });
  const inRoom = (text) => viewer.getByTestId('chat-line').filter({ hasText: text });

  await part('the console is open, a viewer watches, a guest talks', async () => {
    await w.onAir(id, { fps: 15, bitrate: 400 });
    console_ = await w.visitAsOwner(`/studio/shows/${id}`, desk);
    await console_.getByTestId('console').waitFor();
    viewer = await w.visit(`/s/${id}`, phone);
    await loud.come('大聲');
    await loud.say(id, '第一句話');
    await inRoom('第一句話').waitFor();
    await lineOf(console_, '第一句話').waitFor();
  });

  await part('a hidden message leaves every screen, and comes back', async () => {
    await lineOf(console_, '第一句話').getByTestId('mod-hide').click();
    await inRoom('第一句話').waitFor({ state: 'detached', timeout: 3000 });
    await lineOf(console_, '第一句話').getByTestId('mod-show').click();
    await inRoom('第一句話').waitFor({ timeout: 3000 });
  });

  await part('slow mode makes the quick ones wait', async () => {
    await console_.getByTestId('slow-mode').click();
    await until('slow mode', 3000, async () => (await w.staff.call('GET', `/shows/${id}`)).chat.mode === 'slow');
    await sleep(1100);
    const first = await loud.say(id, '慢慢說').catch((e) => e);
    const second = await loud.say(id, '還要說').catch((e) => e);
    const refused = [first, second].find((r) => r.status === 429);
    assert.ok(refused, 'one of two is refused');
    assert.equal(refused.problem.code, 'slow_down');
    assert.ok(refused.problem.retry_ms > 1000);
    await console_.getByTestId('slow-mode').click();
    await until('open again', 3000, async () => (await w.staff.call('GET', `/shows/${id}`)).chat.mode === 'open');
  });

  await part('a blocked word holds the message until somebody says yes', async () => {
    await w.staff.call('PUT', `/shows/${id}/blocked-words`, { words: ['盜版'] });
    await sleep(1100);
    const held = await loud.say(id, '這是盜版吧');
    assert.equal(held.state, 'held');
    const row = console_.getByTestId('held').filter({ hasText: '盜版' });
    await row.waitFor({ timeout: 3000 });
    assert.equal(await inRoom('盜版').count(), 0);
    await row.getByTestId('held-show').click();
    await inRoom('這是盜版吧').waitFor({ timeout: 3000 });
  });

  await part('an announcement stands over the picture, and goes', async () => {
    await console_.getByTestId('announce').click();
    await console_.getByTestId('announce-text').fill('今晚滿千免運');
    await console_.getByTestId('announce-save').click();
    await viewer.getByTestId('announcement').filter({ hasText: '今晚滿千免運' }).waitFor({ timeout: 3000 });
    await w.staff.call('PUT', `/shows/${id}/pinned-message`, { text: null });
    await viewer.getByTestId('announcement').waitFor({ state: 'detached', timeout: 3000 });
  });

  await part('a viewer in the room who is muted is told so, and is heard again later', async () => {
    await viewer.getByTestId('chat-input').fill('我也來說');
    await viewer.getByTestId('chat-input').press('Enter');
    await viewer.getByTestId('name-sheet').locator('input').fill('小夜');
    await viewer.getByTestId('name-sheet').locator('input').press('Enter');
    await lineOf(console_, '我也來說').getByTestId('mod-mute').click();
    await viewer.getByTestId('chat-shut').waitFor({ timeout: 3000 });
    const { items } = await w.staff.call('GET', `/shows/${id}/sanctions`);
    assert.equal(items.length, 1);
    await w.staff.call('DELETE', `/sanctions/${items[0].id}`);
    await viewer.getByTestId('chat-input').waitFor({ timeout: 3000 });
  });

  await part('a stranger can do none of this', async () => {
    const calls = [
      ['PUT', `/shows/${id}/pinned-message`, { text: 'x' }],
      ['PATCH', `/shows/${id}/chat`, { mode: 'off' }],
      ['GET', `/shows/${id}/blocked-words`],
      ['GET', `/shows/${id}/ingest`],
      ['POST', `/shows/${id}/end`, {}],
    ];
    for (const [method, path, body] of calls) {
      const e = await loud.call(method, path, body).then(() => null, (err) => err);
      assert.ok(e && [401, 403, 404].includes(e.status), `${method} ${path}: ${e?.status}`);
    }
    assert.deepEqual([viewer.errors, console_.errors], [[], []]);
  });
});
