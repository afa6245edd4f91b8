// Every screen of paying in five languages, on a phone and on a desk, as the gateways' sandboxes make
// them: axe, fingers, a small phone, no string missing or cut; and a picture of each for people to look at.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { audit, overhang, smallTargets, stillness } from './audit.mjs';
import { makeGoods } from './shop-kit.mjs';
import { inEveryTongue, openCatalogues } from './tongues.mjs';
import { desk, journey, phone, shotFolder, until } from './world.mjs';
import { orderOf, orderUrl, payAtEcpay, payUrl } from './pay-kit.mjs';

const line = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/15.1.0';

/** What sellers wrote here in Latin letters. */
const theirs = ['Old Street canvas bag', 'Wave mug', 'Mountain oolong', 'black|white'];

/** What is wrong with a screen in any language; pictures of it on a phone, and one on a desk. */
async function faultsOf(page, name, home) {
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(stillness);
  const found = await audit(page);
  if (await page.evaluate(() => /NT\$\s?\d[\d,]*\.\d/.test(document.body.innerText))) found.push('dollars of Taiwan with decimals');
  found.push(...(await inEveryTongue(page, {
    theirs, home,
    shot: (lang) => join(shotFolder(), `pay-${name}.${lang}.390x844.png`),
    also: async (lang) => (lang === 'th' || lang === 'zh-TW' ? (await smallTargets(page)).map((x) => `small target ${x}`) : []),
  })));
  await page.setViewportSize(desk.viewport);
  const over = await overhang(page);
  if (over > 0) found.push(`${over} px wider than a desk`);
  await page.screenshot({ path: join(shotFolder(), `pay-${name}.${home}.1280x800.png`) });
  await page.setViewportSize(phone.viewport);
  return found.map((f) => `${name} ${f}`);
}

journey('every screen of paying', async (w, part) => {
  let slug, goods;
  const order = (market, method) => orderOf(w, slug, goods.bag.variants[0].id, { market, method });

  await part('a shop', async () => {
    slug = (await w.staff.call('GET', '/sessions/current')).staff[0].shop.slug;
    goods = await makeGoods(w);
  });

  /** The checkout: every way with its limit, and the store that is still to be chosen. */
  async function atCheckout(page, lang, look) {
    await page.evaluate(async (variant) => {
      const { csrf } = await fetch('/api/v1/sessions/current').then((r) => r.json());
      const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf, 'idempotency-key': crypto.randomUUID() };
      await fetch('/api/v1/cart/lines', { method: 'POST', headers, body: JSON.stringify({ variant_id: variant, qty: 1, market: 'TW' }) });
    }, goods.bag.variants[1].id);
    await page.goto(`${w.base}/checkout?shop=${slug}&lang=${lang}`);
    await page.getByTestId('co-cvs').click();
    await page.getByTestId('store-pick').waitFor();
    await page.getByTestId('place').click();
    await page.locator('#e-store_id:not([hidden])').waitFor();
    await look('checkout');
  }

  /** In Taiwan: the choice, a code, a card that fails, the order through it all. */
  async function inTaiwan(page, lang, look) {
    const at = (url) => page.goto(`${w.base}${url}&lang=${lang}`);
    const o = await order('TW', 'ecpay_atm');
    await at(payUrl(o));
    await page.getByTestId('pay-go').waitFor();
    await look('choose');
    await page.locator('label:has([data-testid="pay-ecpay_atm"])').click();
    await page.getByTestId('pay-go').click();
    await page.waitForURL('**/ecpay/**');
    await page.locator('button[name="where"]').first().click();
    await page.locator('form button.main').first().click({ timeout: 1500 }).catch(() => undefined);
    await at(orderUrl(o));
    await page.getByTestId('pay-code').waitFor();
    await look('order-code');
    await page.getByTestId('pay-again').click();
    await page.getByTestId('code-number').waitFor();
    await look('code');
    const bad = await order('TW', 'ecpay_card');
    await at(payUrl(bad, 'ecpay_card'));
    await payAtEcpay(page, 'sms_fail');
    await page.waitForURL('**/o/**', { timeout: 4000 }).catch(() => at(orderUrl(bad)));
    await page.locator('[data-testid="pay-trouble"]').waitFor();
    await look('order-failed');
    await page.getByTestId('pay-again').click();
    await page.locator('[data-testid="pay-trouble"][data-is="failed"]').waitFor();
    await look('failed');
  }

  /** In Thailand: a QR, the gateway's own card form, a gateway that is down. */
  async function inThailand(page, lang, look) {
    const at = (url) => page.goto(`${w.base}${url}&lang=${lang}`);
    const o = await order('TH', 'omise_promptpay');
    await at(payUrl(o, 'omise_promptpay'));
    const qr = page.getByTestId('qr');
    await qr.waitFor();
    await until('the code is drawn', 5000, () => qr.evaluate((i) => i.complete && i.naturalWidth > 0));
    await look('qr');
    await page.getByTestId('back').click();
    await page.getByTestId('to-pay').waitFor();
    await look('order-unpaid');
    await at(payUrl(o, 'omise_card'));
    await page.frameLocator('#omise-checkout-iframe-app').locator('input').first().waitFor();
    assert.equal(await page.evaluate(() => document.querySelectorAll('input, select, textarea').length), 0, 'no field of ours where a card is typed');
  }

  await part('screens in each language', async () => {
    const found = await Promise.all([['zh-TW', atCheckout, inTaiwan], ['th', inThailand]].map(async ([home, ...ways]) => { // side by side: each has a browser window of its own
      const page = await w.visit('/', { ...phone, serviceWorkers: 'block' });
      await openCatalogues(page.context());
      const faults = [];
      for (const way of ways) await way(page, home, async (name) => faults.push(...(await faultsOf(page, name, home))));
      faults.push(...page.errors);
      await page.context().close();
      return faults;
    }));
    assert.deepEqual([...new Set(found.flat())], []);
  });

  await part('a card that Omise takes is paid without a field of ours', async () => {
    const o = await order('TH', 'omise_card');
    const page = await w.visit(`${payUrl(o, 'omise_card')}&lang=en`, phone);
    const form = page.frameLocator('#omise-checkout-iframe-app');
    await form.locator('[name="number"], [autocomplete="cc-number"]').first().fill('4242424242424242');
    await form.locator('button[type="submit"], button.main').first().click();
    await until('it left the form', 8000, async () => (await page.getByTestId('pay-card').count()) === 0);
    await page.locator('button[name="as"][value="success"], [data-testid="order-status"]').first().waitFor();
    if (await page.locator('button[name="as"]').count()) await page.locator('button[name="as"][value="success"]').click();
    await page.locator('a.main, [data-testid="order-status"]').first().waitFor();
    await page.locator('[data-testid="order-status"][data-status="preparing"]').waitFor();
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  await part('a gateway that is down is said to be, and nothing is lost', async () => {
    const o = await order('TH', 'omise_promptpay');
    await w.gateway('POST', '/faults', { on: 'omise.api', down: true });
    const page = await w.visit(`${payUrl(o, 'omise_promptpay')}&lang=th`, { ...phone, serviceWorkers: 'block' });
    await openCatalogues(page.context());
    await page.locator('[data-testid="pay-trouble"][data-is="down"]').waitFor();
    assert.deepEqual(await faultsOf(page, 'down', 'th'), []);
    assert.equal(await page.getByTestId('pay-go').isDisabled(), true);
    await w.gateway('DELETE', '/faults');
    await page.locator('label:has([data-testid="pay-omise_truemoney"])').click();
    await page.getByTestId('pay-go').click();
    await page.waitForURL('**/omise/**');
    await page.context().close();
  });

  await part('in LINE the way out is shown before anything is begun', async () => {
    const o = await order('TW', 'ecpay_card');
    const page = await w.visit(payUrl(o, 'ecpay_card'), { ...phone, userAgent: line, serviceWorkers: 'block' });
    await openCatalogues(page.context());
    await page.getByTestId('out-of-app').waitFor();
    assert.match(await page.getByTestId('open-in-browser').getAttribute('href'), /go=ecpay_card.*openExternalBrowser=1/);
    assert.deepEqual(await faultsOf(page, 'in-line', 'zh-TW'), []);
    await page.getByTestId('stay-in-app').click();
    await page.waitForURL('**/ecpay/**');
    await page.context().close();
  });
}, { money: true });
