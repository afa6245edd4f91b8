// J8 of the design: when paying goes wrong. The gateways' sandboxes do what gateways do on a bad day;
// after each case the money is where it belongs and the buyer has been told.
import assert from 'node:assert/strict';
import { journey, phone, sleep, until } from './world.mjs';
import { makeGoods, text } from './shop-kit.mjs';
import { inState, orderOf, orderUrl, payAtEcpay, payUrl, readOrder, refundsAreShut, startPayment } from './pay-kit.mjs';

journey('when paying goes wrong', async (w, part) => {
  let slug, goods, page;
  const faults = (on, more) => w.gateway('POST', '/faults', { on, ...more });
  const calm = () => w.gateway('DELETE', '/faults');
  const money = () => w.staff.call('GET', '/staff/money');
  const orphans = async () => (await w.staff.call('GET', '/staff/orphans?open=1')).items;
  const variant = (i) => goods.bag.variants[i].id;
  const unit = async (i) => (await w.staff.call('GET', `/products/${goods.bag.id}`)).variants[i];
  const shown = (status, ms = 8000) => page.locator(`[data-testid="order-status"][data-status="${status}"]`).waitFor({ timeout: ms });
  /** The order's time is over, as if somebody had slept. */
  const expire = async (o) => {
    w.sql('UPDATE payment SET expires_at = ? WHERE order_id = (SELECT id FROM orders WHERE no = ?)', Date.now() - 600_000, o.no);
    w.sql('UPDATE orders SET expires_at = ? WHERE no = ?', Date.now() - 600_000, o.no);
    w.sql("UPDATE hold SET expires_at = ? WHERE state = 'active' AND owner = 'order' AND owner_id IN (SELECT l.id FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.no = ?)", Date.now() - 600_000, o.no);
    await inState(o, 'expired', 10_000);
  };
  const refOf = async (o) => (await w.staff.call('GET', `/staff/payments?q=${o.no}`)).items[0].our_ref;

  await part('a shop with things to sell', async () => {
    slug = (await w.staff.call('GET', '/sessions/current')).staff[0].shop.slug;
    goods = await makeGoods(w);
    page = await w.visit('/', phone);
  });

  await part('(a) cancelled at ECPay: not paid, still held, and another way works', async () => {
    const o = await orderOf(w, slug, variant(0));
    await page.goto(w.base + payUrl(o, 'ecpay_card'));
    await page.waitForURL('**/ecpay/**');
    await page.locator('a.plain').last().click(); // back to the shop
    await page.waitForURL(`${w.base}/**`);
    assert.equal((await readOrder(o)).state, 'awaiting_payment');
    const { stock_total, stock_held } = await unit(0);
    assert.deepEqual([stock_total, stock_held], [20, 1]);
    await page.goto(w.base + orderUrl(o));
    await shown('awaiting_payment');
    await page.getByTestId('pay-again').click();
    await page.getByTestId('pay-ecpay_twqr').click();
    await page.getByTestId('pay-go').click();
    await page.waitForURL('**/ecpay/**');
    await page.locator('button[name="do"][value="now"]').click();
    await shown('preparing');
    assert.equal((await unit(0)).stock_total, 19);
  });

  await part('(b) the tab is closed at the gateway: the notice confirms, and the site shows it', async () => {
    const o = await orderOf(w, slug, variant(0));
    await page.goto(w.base + payUrl(o, 'ecpay_card'));
    await payAtEcpay(page, 'sms_stay');
    await inState(o, 'confirmed');
    await page.goto(w.base + orderUrl(o));
    await shown('preparing');
  });

  await part('(c) paid in two tabs: one order, one payment goes back by itself, and she is told', async () => {
    const o = await orderOf(w, slug, variant(0));
    const other = await w.visit(payUrl(o, 'ecpay_card'), phone);
    await other.waitForURL('**/ecpay/**');
    await page.goto(w.base + payUrl(o, 'ecpay_card'));
    await payAtEcpay(page);
    await shown('preparing');
    await payAtEcpay(other);
    await until('the second is orphaned, and on its way back', 8000, async () => {
      const all = (await w.staff.call('GET', `/staff/payments?q=${o.no}`)).items;
      return all.length === 2 && all.some((p) => p.state === 'paid') && all.some((p) => p.state === 'orphaned' || p.state === 'refunded');
    }, 100);
    await page.goto(w.base + orderUrl(o));
    await page.locator('[data-testid="money-note"][data-is="double"]').waitFor();
    if (!refundsAreShut()) {
      await until('it went back', 15_000, async () => (await w.staff.call('GET', `/staff/payments?q=${o.no}`)).items.some((p) => p.state === 'refunded'), 200);
      await until('no orphan is left', 15_000, async () => (await orphans()).length === 0, 200);
    }
    await other.context().close();
  });

  await part('(d) a store code paid after its end: confirmed while there is stock', async () => {
    const o = await orderOf(w, slug, variant(1), { method: 'ecpay_cvs' });
    await page.goto(w.base + payUrl(o, 'ecpay_cvs'));
    await page.waitForURL('**/ecpay/**');
    await page.locator('button[name="where"]').first().click();
    await page.goto(w.base + payUrl(o));
    await page.getByTestId('code-number').waitFor();
    const ref = await refOf(o);
    await expire(o);
    assert.equal((await unit(1)).stock_held, 0);
    await w.gateway('POST', '/pay', { ref, as: 'paid' });
    await inState(o, 'confirmed');
    assert.equal((await unit(1)).stock_total, 19);
  });

  await part('(d) and when the stock is gone: it goes back by hand, she is told, and the list says so', async () => {
    const o = await orderOf(w, slug, variant(2), { method: 'ecpay_cvs' });
    await startPayment(o, 'ecpay_cvs');
    await page.goto(w.base + payUrl(o, 'ecpay_cvs'));
    await page.waitForURL('**/ecpay/**');
    await page.locator('button[name="where"]').first().click();
    await until('a code', 5000, async () => (await readOrder(o)).payments.some((p) => p.details.code), 100);
    const ref = (await w.staff.call('GET', `/staff/payments?q=${o.no}`)).items.find((p) => p.state === 'pending').our_ref;
    await expire(o);
    await w.staff.call('POST', `/variants/${variant(2)}/stock`, { delta: -20, reason: 'adjust' });
    await w.gateway('POST', '/pay', { ref, as: 'paid' });
    const [orphan] = await until('it is an orphan', 6000, async () => {
      const all = await orphans();
      return all.length > 0 ? all : null;
    }, 100);
    assert.deepEqual([orphan.order, orphan.why, orphan.state], [o.no, 'late', 'by_hand']);
    assert.equal((await readOrder(o)).state, 'expired');
    await page.goto(w.base + orderUrl(o));
    await page.locator('[data-testid="money-note"][data-is="late"]').waitFor();
    const desk = await w.visitAsOwner('/studio/money/orphans');
    await desk.getByTestId('orphan-row').waitFor();
    await until('the figure says one', 5000, async () => (await text(desk, 'fig-orphans')) === '1');
    await desk.getByTestId('refund-done').click();
    await desk.getByTestId('done-note').fill('轉帳 20261123-001');
    await desk.getByTestId('done-save').click();
    await until('none is left', 5000, async () => (await orphans()).length === 0, 100);
    await desk.reload();
    await until('the figure says none', 5000, async () => (await text(desk, 'fig-orphans')) === '0');
    assert.deepEqual(desk.errors, []);
    await desk.context().close();
  });

  /** Pays while the notice of it is spoiled; gives the order and how the notice fared. */
  async function paidWith(tamper, method, market) {
    const o = await orderOf(w, slug, variant(3), { method, market });
    const target = market === 'TW' ? 'ecpay.payment' : 'omise.webhook';
    const before = new Set((await w.gateway('GET', '/state')).deliveries.map((d) => d.id));
    await faults(target, { tamper, count: 1, ...(market === 'TH' ? { match: 'charge.complete' } : {}) });
    if (market === 'TW') {
      await page.goto(w.base + payUrl(o, method));
      await payAtEcpay(page, 'sms_stay');
    } else {
      await startPayment(o, method);
      await w.gateway('POST', '/pay', { ref: await refOf(o), as: 'paid' });
    }
    const told = await until('the notice was sent', 8000, async () =>
      (await w.gateway('GET', '/state')).deliveries.find((d) => !before.has(d.id) && d.on === target && d.status), 100);
    return { o, told };
  }

  await part('(e) a notice with a wrong signature is refused, and changes nothing', async () => {
    const before = await money();
    const { o, told } = await paidWith('signature', 'ecpay_card', 'TW');
    assert.match(told.answer, /^0\|/);
    assert.equal((await readOrder(o)).state, 'awaiting_payment');
    const forged = await fetch(`${w.base}/api/v1/webhooks/omise`, { method: 'POST', headers: { 'content-type': 'application/json', 'omise-signature': 'ab'.repeat(32), 'omise-signature-timestamp': String(Math.floor(Date.now() / 1000)) }, body: '{"object":"event","id":"evnt_test_1","key":"charge.complete","data":{"object":"charge","id":"chrg_test_1"}}' });
    assert.equal(forged.status, 403);
    assert.deepEqual((await money()).orphans, before.orphans);
    const [p] = (await w.staff.call('GET', `/staff/payments?q=${o.no}`)).items;
    await w.staff.call('POST', `/staff/payments/${p.id}/ask`, {}); // ECPay itself says that it was paid
    await inState(o, 'confirmed');
    await calm();
  });

  await part('(e) a notice of another amount is not believed: ECPay is asked, and knows better', async () => {
    const before = await money();
    const { o } = await paidWith('amount', 'ecpay_card', 'TW');
    await inState(o, 'confirmed', 10_000);
    const [p] = (await w.staff.call('GET', `/staff/payments?q=${o.no}`)).items;
    assert.deepEqual([p.state, p.amount], ['paid', o.total]);
    const { inbox } = await w.staff.call('GET', `/staff/payments/${p.id}`);
    assert.ok(inbox.some((m) => /other money/.test(m.result ?? '')), JSON.stringify(inbox));
    assert.deepEqual((await money()).orphans, before.orphans);
    await calm();
  });

  await part('(e) what Omise’s message says is not believed: the charge itself is asked', async () => {
    const { o } = await paidWith('currency', 'omise_promptpay', 'TH');
    await inState(o, 'confirmed', 10_000);
    const [p] = (await w.staff.call('GET', `/staff/payments?q=${o.no}`)).items;
    assert.deepEqual([p.state, p.amount], ['paid', o.total]);
    await calm();
  });

  await part('(f) the gateway is down: it says so, nothing is lost, and later it works', async () => {
    const o = await orderOf(w, slug, variant(3), { method: 'omise_promptpay', market: 'TH' });
    await faults('omise.api', { down: true });
    await page.goto(w.base + payUrl(o, 'omise_promptpay'));
    await page.locator('[data-testid="pay-trouble"][data-is="down"]').waitFor({ timeout: 20_000 });
    assert.equal((await readOrder(o)).state, 'awaiting_payment');
    await calm();
    await page.goto(w.base + payUrl(o, 'omise_promptpay'));
    await page.getByTestId('qr').waitFor({ timeout: 20_000 });
    await w.gateway('POST', '/pay', { ref: await refOf(o), as: 'paid' });
    await shown('preparing');
  });

  await part('(g) the server dies between the gateway’s answer and its commit: afterwards all is right', async () => {
    const o = await orderOf(w, slug, variant(3), { method: 'omise_promptpay', market: 'TH' });
    const before = await money();
    await faults('omise.api', { delay_ms: 1200, match: 'POST /omise/charges', count: 1 });
    const asked = startPayment(o, 'omise_promptpay').catch(() => undefined);
    await sleep(500);
    await w.crash();
    await asked;
    await calm();
    await w.comeBack();
    const ref = w.sql('SELECT our_ref FROM payment WHERE order_id = (SELECT id FROM orders WHERE no = ?) ORDER BY id DESC LIMIT 1', o.no)[0][0];
    await until('the gateway has the charge', 5000, () => w.gateway('POST', '/pay', { ref, as: 'paid' }).then(() => true, () => false), 200);
    await inState(o, 'confirmed', 15_000);
    assert.deepEqual((await money()).orphans, before.orphans);
    w.once(['reconcile']);
  });
}, { money: true });
