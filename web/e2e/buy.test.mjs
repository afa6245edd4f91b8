// From the pinned card to the order, in Chinese and in Thai, without a reload and with the picture
// going on; then the same buyer signs up and keeps what they had.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { journey, look, moves, phone, samePage, shotFolder, sleep, until } from './world.mjs';
import { list, makeGoods, markVideo, plays, receipt, sameVideo, text, wholeDollars } from './shop-kit.mjs';

const shot = (page, name) => page.screenshot({ path: join(shotFolder(), `buy-${name}.png`) });
const count = (page, n) => until(`${n} in the cart`, 3000, async () => (n === 0 ? (await page.getByTestId('cart-count').count()) === 0 : (await text(page, 'cart-count')) === String(n)));

journey('buying in the room', async (w, part) => {
  let show, goods, listed, cast, mei, fah;
  const left = async (id, options) => (await w.staff.call('GET', `/products/${id}`)).variants.find((v) => v.options.join() === options).stock_total;

  await part('a show with goods goes live', async () => {
    goods = await makeGoods(w);
    show = (await w.makeShow()).id;
    listed = await list(w, show, { A12: goods.bag, A13: goods.mug });
    cast = await w.onAir(show, { fps: 15, bitrate: 400 });
    mei = await w.visit(`/s/${show}`, phone);
    await moves(mei, 15_000);
    await mei.getByTestId('sound-pill').click();
    assert.equal(await mei.getByTestId('pinned-card').count(), 0);
  });

  await part('what the host pins is there, with its price', async () => {
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: listed.A12.id });
    await mei.getByTestId('pinned-card').waitFor({ timeout: 8000 });
    const card = await text(mei, 'pinned-card');
    for (const part of ['A12', '老街帆布包', '590']) assert.ok(card.includes(part), card);
  });

  await part('one tap asks which one, and claims it', async () => {
    await mei.getByTestId('claim').click();
    await mei.getByTestId('product-sheet').waitFor();
    await plays(mei);
    await mei.locator('[data-testid="option"][data-value="黑"]').click();
    await mei.locator('[data-testid="option"][data-value="L"]').click();
    await shot(mei, 'sheet');
    await mei.getByTestId('add').click();
    await receipt(mei, 'granted');
    assert.equal(await text(mei, 'place').then((s) => s.replace(/\D/g, '')), '1');
    await shot(mei, 'claimed');
    await count(mei, 1);
    assert.match(await text(mei, 'cart-clock'), /^(?:10:00|9:5\d)$/);
    await until('the ticker says it to all', 3000, () => mei.getByTestId('claim-line').count());
  });

  await part('a reload finds the cart again, with its clock', async () => {
    await mei.reload();
    await mei.evaluate(() => { window.nmSamePage = true; });
    await mei.getByTestId('sound-pill').click(); // a page that is new is silent
    await mei.getByTestId('pinned-card').waitFor();
    await count(mei, 1);
    assert.match(await text(mei, 'cart-clock'), /^(?:10:00|9:\d\d)$/);
  });

  await part('typed claims are answered, and only to who typed them', async () => {
    const say = async (words) => {
      await mei.getByTestId('chat-input').fill(words);
      await mei.getByTestId('chat-input').press('Enter');
    };
    await say('A12 黑L+1'); // the tap has made a guest without a name of their own: chat asks for one, once
    await mei.getByTestId('name-input').fill('小美');
    const sent = Date.now();
    await mei.getByTestId('name-save').click();
    await count(mei, 2);
    await receipt(mei, 'granted');
    process.stdout.write(`typed claim to receipt: ${Date.now() - sent} ms\n`);
    await mei.getByTestId('undo').click();
    await receipt(mei, 'cancelled');
    await count(mei, 1);
    // One message a second; full width, one fewer, a question, all of it back, and once more.
    for (const [words, n] of [['ａ１２ 黑Ｌ＋２', 3], ['A12-1', 2], ['A12 多少錢？', 2], ['CC A12', 0], ['A12黑L+1', 1]]) {
      await sleep(1100);
      await say(words);
      await count(mei, n);
    }
    await sleep(500);
    await count(mei, 1);
    await say('A99+1');
    await receipt(mei, 'refused');
    await sleep(600);
    await say('A12+2');
    await mei.getByTestId('finish').waitFor();
    assert.equal(await mei.getByTestId('product-sheet').getByTestId('qty').innerText(), '2');
    await mei.getByTestId('add').click();
    assert.equal(await mei.getByTestId('missing').count(), 2);
    await mei.keyboard.press('Escape');
  });

  await part('the cart, and the picture goes along', async () => {
    await markVideo(mei);
    await mei.getByTestId('cart-button').click();
    await mei.getByTestId('mini-player').waitFor();
    await mei.locator('[data-testid="cart-line"][data-code="A12"]').waitFor();
    await plays(mei);
    assert.deepEqual([await sameVideo(mei), await samePage(mei), (await look(mei)).muted], [true, true, false]);
    const mini = await mei.getByTestId('mini-player').boundingBox();
    await mei.mouse.move(mini.x + 60, mini.y + 120);
    await mei.mouse.down();
    await mei.mouse.move(60, 200, { steps: 5 });
    await mei.mouse.up();
    assert.equal(await mei.getByTestId('mini-player').getAttribute('data-at'), 'tl');
    assert.equal(await mei.getByTestId('cart').isVisible(), true, 'a drag is no tap');
    await mei.getByTestId('more-one').click();
    await until('two', 3000, async () => (await text(mei, 'qty')) === '2');
    await shot(mei, 'cart');
  });

  await part('checkout says what is wrong, then takes the order', async () => {
    await mei.getByTestId('checkout').click();
    await mei.getByTestId('place').waitFor();
    assert.match(await text(mei, 'place'), /確認訂購\s*NT\$1,\d{3}/);
    await mei.getByTestId('withdrawal').waitFor();
    const [bar, first] = await Promise.all(['mini-player', 'co-name'].map((id) => mei.getByTestId(id).boundingBox()));
    assert.ok(bar.y + bar.height <= first.y, 'nothing lies over the form');
    const fill = (field, value) => mei.getByTestId(`co-${field}`).fill(value);
    const focused = (name) => until(`the focus on ${name}`, 3000, async () => (await mei.evaluate(() => document.activeElement.getAttribute('name'))) === name);
    await fill('name', '陳怡君');
    await fill('phone', '0912');
    await fill('postcode', '106');
    await fill('city', '台北市');
    await fill('district', '大安區');
    await fill('line', '永康街 14 號');
    await mei.getByTestId('inv-mobile').click();
    await fill('carrier', '/ABC123');
    await mei.getByTestId('place').click();
    await focused('phone');
    await shot(mei, 'faults');
    await fill('phone', '0912 345 678');
    await mei.getByTestId('place').click();
    await focused('carrier');
    await fill('carrier', '/ABC1234');
    await plays(mei);
    await wholeDollars(mei);
    await mei.getByTestId('place').click();
    await mei.getByTestId('order-no').waitFor();
    assert.match(await text(mei, 'order-no'), /^T\d{6}-\d{4}$/);
    assert.equal(await mei.getByTestId('order-status').getAttribute('data-status'), 'preparing');
    await wholeDollars(mei);
    await shot(mei, 'order');
    assert.equal(await left(goods.bag.id, '黑,L'), 18);
  });

  await part('one tap, and it is the same room with the same sound', async () => {
    await mei.getByTestId('mini-back').click();
    await mei.getByTestId('room').waitFor();
    assert.deepEqual([await sameVideo(mei), await samePage(mei), (await look(mei)).muted], [true, true, false]);
    await moves(mei);
    await count(mei, 0);
  });

  await part('in Thai: one piece, one tap, the next one waits', async () => {
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: listed.A13.id });
    fah = await w.visit(`/s/${show}?lang=th`, { ...phone, locale: 'th-TH', timezoneId: 'Asia/Bangkok' });
    await fah.getByTestId('pinned-card').waitFor();
    assert.match(await text(fah, 'pinned-card'), /฿\s*360\.00/);
    await fah.locator('[data-testid="claim"][data-stub="claim"]').click();
    await receipt(fah, 'granted');
    await mei.locator('[data-testid="claim"][data-stub="wait"]').waitFor({ timeout: 8000 });
    await mei.getByTestId('claim').click();
    await receipt(mei, 'waitlisted');
    await shot(mei, 'waits');
  });

  await part('in Thai: checkout to the order', async () => {
    await fah.getByTestId('receipt-checkout').click();
    const fill = (field, value) => fah.getByTestId(`co-${field}`).fill(value);
    await fill('name', 'กัญญา ผู้ดี');
    await fill('phone', '081 234 5678');
    await fill('line', '88/12 ซ.อารีย์ 4');
    await fill('postcode', '10400');
    await fill('city', 'กรุงเทพมหานคร');
    await fill('district', 'พญาไท');
    await fill('subdistrict', 'สามเสนใน');
    assert.match(await text(fah, 'co-total'), /฿\s*\d+\.\d\d/);
    await shot(fah, 'checkout-th');
    await fah.getByTestId('place').click();
    await fah.getByTestId('order-no').waitFor();
    await shot(fah, 'order-th');
  });

  await part('she cancels, and the one who waits is asked first', async () => {
    await fah.getByTestId('cancel').click();
    await fah.getByTestId('cancel-yes').click();
    await fah.locator('[data-testid="order-status"][data-status="cancelled"]').waitFor();
    await receipt(mei, 'offer', 5000);
    await shot(mei, 'offer');
    await mei.getByTestId('accept-offer').click();
    await count(mei, 1);
  });

  await part('who signs up keeps the cart', async () => {
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: listed.A12.id });
    await until('the bag is on the card', 10_000, async () => (await text(mei, 'pinned-card')).includes('A12'));
    await mei.getByTestId('claim').click();
    await mei.locator('[data-testid="option"][data-value="白"]').click();
    await mei.locator('[data-testid="option"][data-value="M"]').click();
    await mei.getByTestId('add').click();
    await receipt(mei, 'granted');
    await mei.getByTestId('cart-button').click();
    await mei.getByTestId('cart-line').first().waitFor();
    await mei.goto(`${w.base}/signin?next=/me`);
    await mei.getByTestId('to-up').click();
    await mei.getByTestId('name').fill('小美');
    await mei.getByTestId('email').fill('mei@e2e.test');
    await mei.getByTestId('password').fill('tea-and-lanterns');
    await mei.getByTestId('signup').click();
    await mei.waitForURL('**/me');
    await mei.getByTestId('order-row').waitFor();
    await mei.goto(`${w.base}/cart`);
    for (const code of ['A12', 'A13']) await mei.locator(`[data-testid="cart-line"][data-code="${code}"]`).waitFor();
    await shot(mei, 'me-cart');
  });

  await part('a bill is paid from another browser, without signing in', async () => {
    const { items } = await w.staff.call('POST', `/shows/${show}/bills`, {});
    assert.equal(items.length, 1);
    const friend = await w.visit(items[0].url, phone);
    await friend.getByTestId('place').waitFor();
    await friend.getByTestId('co-name').fill('林美');
    await friend.getByTestId('co-phone').fill('0922333444');
    await friend.getByTestId('co-postcode').fill('106');
    await friend.getByTestId('co-city').fill('台北市');
    await friend.getByTestId('co-district').fill('大安區');
    await friend.getByTestId('co-line').fill('永康街 2 號');
    await shot(friend, 'bill');
    await friend.getByTestId('place').click();
    await friend.getByTestId('order-no').waitFor();
    assert.deepEqual(friend.errors, []);
    await friend.context().close();
  });

  await part('the recording has its chapters, and what is left can still be bought', async () => {
    await mei.goto(`${w.base}/s/${show}`);
    await w.staff.call('POST', `/shows/${show}/end`, {});
    await cast.stop();
    await mei.locator('[data-testid="room"][data-stage="replay"]').waitFor({ timeout: 40_000 });
    await mei.getByTestId('chapter').nth(1).waitFor();
    await moves(mei, 15_000);
    await mei.locator('[data-testid="chapter"][data-code="A12"]').first().click();
    await until('the card is of that moment', 5000, async () => (await text(mei, 'pinned-card')).includes('A12'));
    await shot(mei, 'replay');
    await mei.getByTestId('buy-moment').click();
    await mei.locator('[data-testid="option"][data-value="黑"]').click();
    await mei.locator('[data-testid="option"][data-value="L"]').click();
    await mei.getByTestId('add').click();
    await count(mei, 1);
    assert.deepEqual([mei.errors, fah.errors], [[], []]);
  });
});
