// Ten bags, sixty buyers: two browsers and 58 who speak to the API, all at the second the deal opens.
// While a winner's clock runs out, a draw is held and a coupon is dropped.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { journey, phone, sleep, until } from './world.mjs';
import { tellDraw } from './draw-parts.mjs';
import { claimAs, key, list, makeGoods, newcomers, text } from './shop-kit.mjs';

const pieces = 10;
const clients = 58;
const holdS = 60; // the shortest there is

/** The chain of a claims.csv, computed again from its rows. */
function chainOf(rows) {
  let chain = Buffer.alloc(32);
  for (const r of rows) {
    const said = JSON.stringify([r.show, Number(r.seq_no), Number(r.received_at), r.claim_id, r.name_masked, r.code, Number(r.qty), r.state]);
    chain = createHash('sha256').update(chain).update(said, 'utf8').digest();
    assert.equal(r.chain, chain.toString('hex'), `row ${r.seq_no}`);
  }
  return chain.toString('hex');
}

function csv(body) {
  const [head, ...lines] = body.trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((l) => Object.fromEntries(l.split(',').map((v, i) => [names[i], v.replace(/^"|"$/g, '')])));
}

journey('ten bags, sixty buyers', async (w, part) => {
  let show, goods, tea, cast, people, browsers, deal;
  const given = [];
  const held = async () => (await w.staff.call('GET', `/products/${tea.product_id}`)).variants[0].stock_held;

  await part('everyone is there and the deal counts down', async () => {
    goods = await makeGoods(w);
    show = (await w.makeShow()).id;
    ({ A14: tea } = await list(w, show, { A14: goods.tea }));
    await w.staff.call('PATCH', `/shows/${show}/sale`, { hold_s: holdS });
    cast = await w.onAir(show, { fps: 15, bitrate: 300 });
    people = await newcomers(w, clients, '客');
    browsers = await Promise.all([1, 2].map(() => w.visit(`/s/${show}`, phone)));
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: tea.id });
    const { min_countdown_s: least } = await w.staff.call('GET', `/shows/${show}/deals`);
    deal = await w.staff.call('POST', `/listings/${tea.id}/deals`, {
      prices: { TW: 299, TH: 33_000 }, quota: pieces, per_buyer_max: 1, countdown_s: Math.max(10, least), run_s: 600, start: true,
    });
    for (const b of browsers) await b.locator('[data-testid="deal-bar"][data-state="countdown"]').waitFor({ timeout: 8000 });
  });

  await part('before it opens the button is shut, and so is the API', async () => {
    for (const b of browsers) assert.equal(await b.getByTestId('claim').isDisabled(), true);
    await assert.rejects(claimAs(people[0], tea.id, { qty: 1 }), (e) => e.status === 409 && e.problem.code === 'closed');
    assert.equal(await held(), 0);
  });

  await part('all at once: exactly ten are given, fifty wait', async () => {
    const most = [];
    let watching = true;
    const watch = (async () => {
      while (watching) {
        most.push(await held());
        await sleep(20);
      }
    })();
    await sleep(Math.max(0, deal.opens_at - Date.now() - 50));
    const shoot = async (p) => {
      const idem = key();
      for (;;) { // shut until the very moment; every send is doubled
        const both = await Promise.allSettled([claimAs(p, tea.id, { qty: 1 }, idem), claimAs(p, tea.id, { qty: 1 }, idem)]);
        const done = both.filter((r) => r.status === 'fulfilled').map((r) => r.value);
        if (done.length > 0) {
          assert.equal(new Set(done.map((c) => c.id)).size, 1);
          return done[0];
        }
        assert.equal(both[0].reason.problem?.code, 'closed', both[0].reason.message);
        await sleep(30);
      }
    };
    const taps = browsers.map(async (b) => {
      await b.locator('[data-testid="claim"]:not([disabled])').click();
      await b.locator('[data-testid="receipt"][data-is="granted"], [data-testid="receipt"][data-is="waitlisted"]').waitFor();
      const { items } = await b.evaluate((s) => fetch(`/api/v1/me/claims?show=${s}`).then((r) => r.json()), show);
      return items[0];
    });
    given.push(...(await Promise.all([...people.map(shoot), ...taps])));
    const soldOut = Date.now();
    await Promise.all(browsers.map((b) => b.locator('[data-testid="deal-bar"][data-state="sold_out"]').waitFor({ timeout: 1000 })));
    assert.ok(Date.now() - soldOut < 1000);
    watching = false;
    await watch;
    assert.ok(Math.max(...most) <= pieces, `${Math.max(...most)} held at once`);
    const of = (state) => given.filter((c) => c.state === state);
    assert.deepEqual([of('granted').length, of('waitlisted').length], [pieces, 50]);
    assert.deepEqual(of('waitlisted').map((c) => c.place).toSorted((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i + 1));
    assert.equal(await held(), pieces);
    for (const b of browsers) assert.equal(await b.getByTestId('claim').getAttribute('data-stub'), 'wait');
  });

  await part('the ledger proves the order', async () => {
    const res = await fetch(`${w.base}/api/v1/shows/${show}/claims.csv`, { headers: { cookie: [...w.staff.jar].map(([k, v]) => `${k}=${v}`).join('; ') } });
    const rows = csv(await res.text());
    const head = rows.pop();
    const claims = rows.filter((r) => r.show !== 'head');
    assert.equal(claims.length, 60);
    const chain = chainOf(claims);
    assert.equal(head.chain, chain);
    const { head: said } = await w.staff.call('GET', `/shows/${show}/claims`);
    assert.deepEqual([said.n, said.chain], [60, chain]);
  });

  await tellDraw(w, part, { show, goods });

  await part('a winner who lets the clock run out gives it to the first in line', async () => {
    const first = given.find((c) => c.state === 'waitlisted' && c.place === 1);
    // The clock is moved, not waited for: the hold that ends first ends now.
    const ends = Math.min(...given.filter((c) => c.state === 'granted').map((c) => c.hold_until));
    w.sql("UPDATE hold SET expires_at = ? WHERE state = 'active' AND expires_at = ?", Date.now(), ends);
    const at = people.findIndex((_, i) => given[i].id === first.id);
    const who = at >= 0 ? people[at] : null;
    await until('the offer', 2000, async () => {
      const { items } = who ? await who.call('GET', '/me/waitlist') : await browsers[given.indexOf(first) - clients].evaluate(() => fetch('/api/v1/me/waitlist').then((r) => r.json()));
      return items.some((x) => x.state === 'offered');
    });
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: tea.id });
    await until('the card says that none is left', 10_000, async () => /A14[\s\S]*賣完了/.test(await text(browsers[0], 'pinned-card')));
    assert.ok((await held()) <= pieces);
    assert.deepEqual(browsers.flatMap((b) => b.errors), []);
    await cast.stop();
  });
});

