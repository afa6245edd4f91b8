// J2 and J3 of the design, in the browsers that Facebook and LINE open: paying by PromptPay without
// losing the show, and by card at ECPay with a parcel to a store and an e-invoice. Both gateways are
// their sandboxes; nothing else is left out.
import assert from 'node:assert/strict';
import { journey, look, moves, phone, samePage, until } from './world.mjs';
import { agents } from './people-kit.mjs';
import { list, makeGoods, markVideo, plays, receipt, sameVideo, text, wholeDollars } from './shop-kit.mjs';
import { emv, payAtEcpay, readQr } from './pay-kit.mjs';

journey('paid, and never out of the show', async (w, part) => {
  let show, cast, goods, listed, fah, mei;
  const stock = async (product, options) => {
    const p = await w.staff.call('GET', `/products/${product.id}`);
    return p.variants.find((v) => v.options.join() === options);
  };

  await part('a show on air', async () => {
    goods = await makeGoods(w);
    show = (await w.makeShow()).id;
    listed = await list(w, show, { A12: goods.bag, A13: goods.mug });
    cast = await w.onAir(show, { fps: 15, bitrate: 400 });
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: listed.A12.id });
  });

  await part('J2: she takes the bag and goes to pay, with the picture', async () => {
    fah = await w.visit(`/s/${show}?lang=th`, { ...phone, locale: 'th-TH', timezoneId: 'Asia/Bangkok', userAgent: agents.facebook });
    await fah.getByTestId('pinned-card').waitFor();
    assert.match(await text(fah, 'pinned-card'), /฿\s*650\.00/);
    await moves(fah);
    await markVideo(fah);
    await fah.locator('[data-testid="claim"][data-stub="claim"]').click();
    await fah.locator('[data-testid="option"]').first().click();
    await fah.locator('[data-testid="option"][data-value="L"]').click();
    await fah.getByTestId('add').click();
    await receipt(fah, 'granted');
    await fah.getByTestId('receipt-checkout').click();
    await fah.getByTestId('mini-player').waitFor();
    for (const [field, value] of Object.entries({ name: 'กัญญา ผู้ดี', phone: '081 234 5678', line: '88/12 ซ.อารีย์ 4', postcode: '10400', city: 'กรุงเทพมหานคร', district: 'พญาไท', subdistrict: 'สามเสนใน' })) {
      await fah.getByTestId(`co-${field}`).fill(value);
    }
    await fah.getByTestId('pay-omise_promptpay').click();
    await plays(fah);
    await fah.getByTestId('place').click();
  });

  await part('J2: the code on the screen asks for the total', async () => {
    const qr = fah.getByTestId('qr');
    await qr.waitFor();
    await fah.getByTestId('mini-player').waitFor();
    const box = await qr.boundingBox();
    assert.ok(box.width >= 240 && box.height >= 240, `${box.width} x ${box.height}`);
    const amount = (await text(fah, 'amount')).replace(/[^\d.]/g, '');
    await until('the code is drawn', 5000, () => qr.evaluate((i) => i.complete && i.naturalWidth > 0));
    const fields = emv(await readQr(fah, qr));
    assert.deepEqual([fields['54'], fields['53'], fields['58']], [amount, '764', 'TH']);
    await plays(fah);
  });

  await part('J2: the bank pays, and the page turns by itself', async () => {
    const [row] = (await w.staff.call('GET', '/staff/payments')).items;
    const paid = Date.now();
    await w.gateway('POST', '/pay', { ref: row.our_ref, as: 'paid' });
    await fah.locator('[data-testid="order-status"][data-status="preparing"]').waitFor();
    process.stdout.write(`paid at the bank to seen: ${Date.now() - paid} ms\n`);
    assert.equal((await w.staff.call('GET', `/staff/orders/${row.order}`)).state, 'confirmed');
    const l = await stock(goods.bag, '黑,L');
    assert.deepEqual([l.stock_total, l.stock_held], [19, 0]);
    await fah.getByTestId('mini-back').click();
    await fah.getByTestId('room').waitFor();
    assert.deepEqual([await sameVideo(fah), await samePage(fah), (await look(fah)).muted], [true, true, true]);
    assert.deepEqual(fah.errors, []);
  });

  await part('J3: 喊單, and to the checkout', async () => {
    mei = await w.visit(`/s/${show}`, { ...phone, userAgent: agents.line });
    await mei.getByTestId('pinned-card').waitFor();
    await mei.getByTestId('chat-input').fill('A12 黑L+2');
    await mei.getByTestId('chat-input').press('Enter');
    const named = mei.getByTestId('name-input');
    if (await named.waitFor({ timeout: 1500 }).then(() => true, () => false)) {
      await named.fill('小美');
      await mei.getByTestId('name-save').click();
    }
    await receipt(mei, 'granted');
    await mei.getByTestId('receipt-checkout').click();
    await mei.getByTestId('place').waitFor();
  });

  await part('J3: a store from the map, and back to the same checkout', async () => {
    await mei.getByTestId('co-cvs').click();
    await mei.getByTestId('co-name').fill('陳怡君');
    await mei.getByTestId('co-phone').fill('0912345678');
    await mei.getByTestId('chain-711').click();
    await mei.getByTestId('store-pick').click();
    await mei.waitForURL('**/Express/map**');
    await mei.locator('button[name="CVSStoreID"][value="131386"]').click();
    await mei.getByTestId('store-picked').waitFor();
    assert.match(await text(mei, 'store-picked'), /131386|7-ELEVEN|門市/);
    assert.equal(await mei.getByTestId('co-name').inputValue(), '陳怡君');
  });

  await part('J3: a bad carrier is told at its field', async () => {
    await mei.getByTestId('inv-mobile').click();
    await mei.getByTestId('co-carrier').fill('/ABC123');
    await mei.getByTestId('pay-ecpay_card').click();
    await mei.getByTestId('place').click();
    await until('the focus on the carrier', 3000, () => mei.evaluate(() => document.activeElement.getAttribute('name') === 'carrier'));
    await mei.getByTestId('co-carrier').fill('/ABC1234');
    await mei.getByTestId('withdrawal').waitFor();
    await wholeDollars(mei);
  });

  await part('J3: paid at ECPay; the notice comes three times, twice before the browser is back', async () => {
    await w.gateway('POST', '/faults', { on: 'ecpay.payment', repeat: 3, count: 1 });
    await mei.getByTestId('place').click();
    await mei.getByTestId('open-in-browser').waitFor(); // ECPay may fail in there: she is told, and may stay
    await mei.getByTestId('stay-in-app').click();
    await payAtEcpay(mei);
    await mei.locator('[data-testid="order-status"][data-status="preparing"]').waitFor({ timeout: 10_000 });
    await wholeDollars(mei);
    const no = /T\d{6}-\d{4}/.exec(await text(mei, 'order-no'))[0];
    const order = await w.staff.call('GET', `/staff/orders/${no}`);
    assert.deepEqual([order.state, order.payments.length, order.payments[0].state], ['confirmed', 1, 'paid']);
    const page = await w.staff.call('GET', `/staff/payments/${order.payments[0].id}`);
    assert.deepEqual(page.entries.map((e) => e.kind), ['paid']);
    const issued = await until('the invoice is issued', 8000, async () => {
      const i = (await w.staff.call('GET', `/staff/orders/${no}`)).invoice_state;
      return i.state === 'issued' ? i : null;
    }, 200);
    assert.match(issued.number, /^[A-Z]{2}\d{8}$/);
    await mei.reload();
    await mei.locator('[data-testid="invoice-state"][data-state="issued"]').waitFor();
    assert.match(await text(mei, 'invoice-state'), new RegExp(issued.number));
    await wholeDollars(mei);
    assert.deepEqual(mei.errors, []);
  });

  await part('J3: the parcel goes to the store, and she sees it arrive', async () => {
    const no = /T\d{6}-\d{4}/.exec(await text(mei, 'order-no'))[0];
    await w.staff.call('PUT', '/staff/shipping', { kind: 'b2c', sender_name: '夜市小舖', sender_phone: '0912000111' });
    const { items } = await w.staff.call('POST', '/staff/parcels', { orders: [no] });
    await w.staff.call('PATCH', `/parcels/${items[0].id}`, { state: 'packed' });
    const desk = await w.visitAsOwner(`/studio/orders/${no}`);
    await desk.getByTestId('ship').click();
    await desk.locator('[data-testid="shipment"][data-state="made"]').waitFor();
    assert.deepEqual(desk.errors, []);
    const made = (await w.staff.call('GET', `/staff/orders/${no}`)).parcels[0].shipment;
    for (const [code, status] of [[2030, 'shipped'], [2063, 'at_store'], [2067, 'collected']]) {
      await w.gateway('POST', '/logistics', { id: made.provider_id, code });
      await until(`it is ${status}`, 6000, async () => (await w.staff.call('GET', `/staff/orders/${no}`)).parcels[0].state === status, 100);
    }
    await mei.reload();
    await mei.locator('[data-testid="order-status"][data-status="collected"]').waitFor();
    await cast.stop();
  });
}, { money: true });
