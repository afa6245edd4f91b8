// A show from its first form to its replay, as the seller in the studio and two viewers see it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { desk, journey, look, moves, owner, phone, samePage, shotFolder, sleep, stage, until } from './world.mjs';

journey('on air, from the first form to the replay', async (w, part) => {
  let studio, mei, fah, show, cast;
  const both = (f) => Promise.all([mei, fah].map(f));
  const bothStage = (s, ms) => both((p) => until(`stage ${s}`, ms, async () => (await stage(p)) === s));

  await part('the seller signs in and makes a show', async () => {
    studio = await w.visit('/signin', desk);
    await studio.getByTestId('email').fill(owner.email);
    await studio.getByTestId('password').fill(owner.password);
    await studio.getByTestId('signin').click();
    await studio.waitForURL('**/studio');
    await studio.goto(`${w.base}/studio/new`);
    await studio.getByTestId('show-title-zh').fill('夜市燈下開賣');
    await studio.getByTestId('show-title-th').fill('ตลาดกลางคืนเปิดแล้ว');
    await studio.getByTestId('show-title-en').fill('The stall opens');
    const soon = new Date(Date.now() + 30 * 60_000 + 8 * 3_600_000).toISOString().slice(0, 16); // Taipei's wall clock
    await studio.getByTestId('show-starts').fill(soon);
    await studio.getByTestId('cover-tw-bag').check({ force: true });
    await studio.getByTestId('save').click();
    await studio.waitForURL(/\/studio\/shows\/shw_/);
    show = new URL(studio.url()).pathname.split('/').at(-1);
    assert.equal(await w.stateOf(show), 'scheduled');
  });

  await part('two viewers wait before the curtain', async () => {
    mei = await w.visit(`/s/${show}`, phone);
    fah = await w.visit(`/s/${show}?lang=th`, { ...desk, locale: 'th-TH' });
    await both((p) => p.getByTestId('state-countdown').waitFor());
    await both((p) => p.getByTestId('countdown').waitFor());
  });

  await part('the encoder comes: the seller sees the picture, viewers still wait', async () => {
    cast = await w.publish(show);
    await studio.getByTestId('preview').waitFor();
    const video = await until('the preview has a video', 10_000, () =>
      studio.evaluate(() => (document.querySelector('video')?.videoWidth ? 'video' : null)));
    await moves(studio, 10_000, video);
    assert.deepEqual(await both(stage), ['countdown', 'countdown']);
  });

  await part('Go live: both pages turn, and the picture moves', async () => {
    const go = studio.getByTestId('go-live');
    await until('the button can be pressed', 10_000, async () => (await go.getAttribute('aria-disabled')) !== 'true');
    const pressed = Date.now();
    await go.click();
    await bothStage('live', 3000);
    const wentLive = Date.now();
    assert.ok(wentLive - pressed < 3000, `${wentLive - pressed} ms`);
    const seen = await both((p) => moves(p));
    for (const s of seen) assert.ok(s.now - s.clock < 4000, `${s.now - s.clock} ms behind`);
    assert.deepEqual(await both(samePage), [true, true]);
  });

  await part('sound comes with a tap', async () => {
    assert.equal((await look(mei)).muted, true);
    await mei.getByTestId('sound-pill').click();
    await until('sound', 2000, async () => (await look(mei)).muted === false);
    await until('the pill is gone', 2000, async () => (await mei.getByTestId('sound-pill').count()) === 0);
    await moves(mei);
  });

  await part('what one says, the other reads within a second', async () => {
    await mei.getByTestId('chat-input').fill('這個袋子有黑色嗎');
    await mei.getByTestId('chat-input').press('Enter');
    await mei.getByTestId('name-sheet').waitFor();
    await mei.getByTestId('name-sheet').locator('input').fill('小美');
    await mei.getByTestId('name-sheet').locator('input').press('Enter');
    await fah.getByText('這個袋子有黑色嗎').waitFor();
    await sleep(1100); // one message a second
    const sent = Date.now();
    await mei.getByTestId('chat-input').fill('+1');
    await mei.getByTestId('chat-input').press('Enter');
    await fah.getByText('+1', { exact: true }).waitFor({ timeout: 5000 });
    assert.ok(Date.now() - sent < 1000, `${Date.now() - sent} ms`);
  });

  await part('the cable is pulled: back in a moment', async () => {
    await cast.cut();
    await both((p) => p.getByTestId('state-break').waitFor({ timeout: 15_000 }));
    await mei.screenshot({ path: join(shotFolder(), 'journey-break.png') });
  });

  await part('the encoder returns: the picture goes on by itself', async () => {
    const returned = Date.now();
    cast = await w.publish(show);
    await bothStage('live', 15_000);
    await both((p) => until('a fresh picture', 12_000, async () => {
      const l = await look(p);
      return l?.clock && l.clock > returned;
    }));
    await both((p) => moves(p));
    assert.deepEqual(await both(samePage), [true, true]);
  });

  await part('End: everybody is told', async () => {
    await studio.getByTestId('end-show').click();
    await studio.getByTestId('end-confirm').click();
    await both((p) => until('the end', 5000, async () => ['ended', 'replay'].includes(await stage(p))));
    await fah.screenshot({ path: join(shotFolder(), 'journey-ended.png') });
    await cast.stop();
  });

  await part('the recording takes the place of the show, plays and seeks', async () => {
    await bothStage('replay', 30_000);
    assert.deepEqual(await both(samePage), [true, true]);
    const { duration_ms, live_started_at, ended_at } = await w.staff.call('GET', `/shows/${show}`);
    const lasted = ended_at - live_started_at;
    assert.ok(duration_ms > 0 && duration_ms < lasted + 15_000, `${duration_ms} of ${lasted}`);
    await moves(mei, 10_000);
    const length = await mei.evaluate(() => document.querySelector('[data-testid="video"]').duration);
    assert.ok(Math.abs(length * 1000 - duration_ms) < 1500 || length * 1000 > duration_ms, `${length} s, ${duration_ms} ms`);
    const track = await mei.getByTestId('replay-track').boundingBox();
    await mei.mouse.click(track.x + track.width * 0.6, track.y + track.height / 2);
    await until('the position is where it was put', 5000, async () => {
      const l = await look(mei);
      return l && l.at > length * 0.5 && l.clock ? l : null;
    });
    await moves(mei);
    assert.deepEqual([mei.errors, fah.errors, studio.errors], [[], [], []]);
  });
});
