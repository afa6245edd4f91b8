// What is given away in the room: a draw nobody can dispute, computed again by the viewer; a coupon that is
// dropped, taken and used.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { phone, shotFolder, until } from './world.mjs';
import { list, newcomers, receipt, text } from './shop-kit.mjs';

/** Parts in a show that is on the air, with goods that nobody has claimed yet. */
export async function tellDraw(w, part, { show, goods }) {
  let mei, people, draw;
  const act = (what, body = {}) => w.staff.call('POST', `/giveaways/${draw.id}/${what}`, body);

  await part('it opens in the room, with a fingerprint before anyone is in', async () => {
    people = await newcomers(w, 20, '籤');
    mei = await w.visit(`/s/${show}`, phone);
    draw = await w.staff.call('POST', `/shows/${show}/giveaways`, {
      market: 'TW', rule: { 'zh-TW': '留言就能抽', th: 'ร่วมลุ้น', en: 'Enter to win' }, variant_id: goods.bag.variants[0].id, winners_n: 1,
    });
    const opened = await act('open');
    assert.match(opened.commit, /^[0-9a-f]{64}$/);
    await mei.locator('[data-testid="draw"][data-state="open"]').waitFor({ timeout: 5000 });
  });

  await part('everyone counts once', async () => {
    await mei.getByTestId('draw-enter').click();
    if (await mei.getByTestId('name-sheet').isVisible().catch(() => false)) {
      await mei.getByTestId('name-input').fill('小美');
      await mei.getByTestId('name-save').click();
    }
    await until('I am in', 5000, async () => (await mei.getByTestId('draw-enter').count()) === 0);
    await Promise.all(people.map((p) => p.call('POST', `/giveaways/${draw.id}/enter`, {})));
    await people[0].call('POST', `/giveaways/${draw.id}/enter`, {});
    await until('21 are in', 5000, async () => (await mei.getByTestId('draw').innerText()).includes('21'));
  });

  await part('frozen, drawn, and told at once', async () => {
    const { entries_hash: hash } = await act('freeze');
    assert.match(hash, /^[0-9a-f]{64}$/);
    await mei.locator('[data-testid="draw"][data-state="frozen"]').waitFor({ timeout: 3000 });
    const { winners } = await act('draw');
    assert.equal(winners.length, 1);
    await mei.locator('[data-testid="draw"][data-state="drawn"]').waitFor({ timeout: 2000 });
    await mei.screenshot({ path: join(shotFolder(), 'draw-room.png') });
  });

  await part('the viewer computes it again: green, and red when one character is other', async () => {
    await mei.goto(`${w.base}/s/${show}/draw/${draw.id}`);
    await mei.getByTestId('verdict').waitFor();
    await mei.screenshot({ path: join(shotFolder(), 'draw-proof.png'), fullPage: true });
    await mei.locator('[data-testid="verdict"][data-good="true"]').waitFor();
    const entries = mei.getByTestId('entries');
    const said = await entries.inputValue();
    await entries.fill(said.replace(/.$/, (c) => (c === '0' ? '1' : '0')));
    await mei.locator('[data-testid="verdict"][data-good="false"]').waitFor();
    await entries.fill(said);
    await mei.locator('[data-testid="verdict"][data-good="true"]').waitFor();
  });

  await part('a coupon is dropped, taken, and takes its part off the sum', async () => {
    await mei.goto(`${w.base}/s/${show}`);
    const { A13: mug } = await list(w, show, { A13: goods.mug });
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: mug.id });
    const coupon = await w.staff.call('POST', '/coupons', { code: 'LIVE100', market: 'TW', kind: 'amount', value: 100, quota: 5, ends_at: Date.now() + 3_600_000 });
    await w.staff.call('POST', `/coupons/${coupon.id}/drop`, { show_id: show });
    await mei.getByTestId('coupon-take').click();
    await until('it is mine', 3000, async () => (await mei.getByTestId('coupon-take').count()) === 0);
    await until('the mug is on the card', 10_000, async () => (await text(mei, 'pinned-card')).includes('A13'));
    await mei.getByTestId('claim').click();
    await receipt(mei, 'granted');
    await mei.getByTestId('receipt-checkout').click();
    await mei.getByTestId('co-total').waitFor();
    const before = await text(mei, 'co-total');
    await mei.getByTestId('coupon').click();
    await until('the sum is less', 3000, async () => (await text(mei, 'co-total')) !== before);
    const digits = (s) => Number(s.replace(/\D/g, ''));
    assert.equal(digits(before) - digits(await text(mei, 'co-total')), 100);
    assert.deepEqual(mei.errors, []);
    await mei.context().close();
  });
}
