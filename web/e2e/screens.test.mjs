// Every screen in five languages: axe finds nothing, fingers find their targets, nothing is cut or
// hangs over the side of a small phone, no string is missing; and a picture of each for people to look at.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { audit, smallTargets, stillness } from './audit.mjs';
import { inEveryTongue, openCatalogues } from './tongues.mjs';
import { desk, journey, moves, phone, shotFolder, until } from './world.mjs';

/** What sellers and viewers wrote here in Latin letters. */
const theirs = ['Under the lanterns', 'Mountain tea', 'owner@e2e\\.test'];

journey('every screen', async (w, part) => {
  const soon = await w.makeShow();
  const live = await w.makeShow({ title: { 'zh-TW': '高山茶試喝夜', th: 'ชิมชาภูเขาสูง', en: 'Mountain tea' }, cover: 'tw-tea' });
  const torn = await w.makeShow({ cover: 'tw-mug' });
  const past = await w.makeShow({ cover: 'th-scarf' });
  const screens = [
    { main: true, name: 'home', path: '/', ready: '[data-testid="live-card"]' },
    { name: 'room-countdown', path: `/s/${soon.id}`, ready: '[data-testid="state-countdown"]' },
    { main: true, name: 'room-live', path: `/s/${live.id}`, ready: '[data-testid="room"][data-stage="live"]', plays: true },
    { name: 'room-break', path: `/s/${torn.id}`, ready: '[data-testid="state-break"]' },
    { name: 'room-replay', path: `/s/${past.id}`, ready: '[data-testid="replay-controls"]' },
    { name: 'room-menu', path: `/s/${live.id}`, press: ['menu'], ready: '[data-testid="menu-share"]' },
    { name: 'room-name', path: `/s/${live.id}`, press: ['menu', 'menu-name'], ready: '[data-testid="name-sheet"]' },
    { name: 'room-gone', path: '/s/shw_0000', ready: '[data-testid="state-gone"]' },
    { main: true, name: 'signin', path: '/signin', ready: '[data-testid="signin"]' },
    { main: true, name: 'studio-list', path: '/studio', ready: '[data-testid="show-row"]', staff: true },
    { name: 'studio-new', path: '/studio/new', ready: '[data-testid="save"]', staff: true },
    { name: 'studio-ready', path: `/studio/shows/${soon.id}`, ready: '[data-testid="ready"]', staff: true },
    { main: true, name: 'studio-live', path: `/studio/shows/${live.id}`, ready: '[data-testid="console"]', staff: true },
    { name: 'studio-rules', path: `/studio/shows/${live.id}`, press: ['side-rules|tab-rules'], ready: '[data-testid="rules"]', staff: true },
    { name: 'studio-announce', path: `/studio/shows/${live.id}`, press: ['announce'], ready: '[data-testid="announce-sheet"]', staff: true },
    { name: 'studio-end', path: `/studio/shows/${live.id}`, press: ['end-show'], first: 'tab-picture', ready: '[data-testid="end-confirm"]', staff: true },
    { name: 'studio-over', path: `/studio/shows/${past.id}`, ready: '[data-testid="over"]', staff: true },
  ];

  await part('shows in every state are there', async () => {
    const first = await w.onAir(past.id, { fps: 15, bitrate: 400 });
    const second = await w.onAir(torn.id, { fps: 15, bitrate: 400 });
    await w.onAir(live.id, { fps: 15, bitrate: 400 });
    await new Promise((done) => setTimeout(done, 3000));
    await w.staff.call('POST', `/shows/${past.id}/end`, {});
    await first.stop();
    await second.cut();
    await w.staff.say(live.id, '歡迎大家，今晚有三款春茶');
    await w.staff.call('PUT', `/shows/${live.id}/pinned-message`, { text: '滿千免運，今晚限定' });
    await until('the break', 15_000, async () => (await w.stateOf(torn.id)) === 'interrupted');
    await until('the replay', 30_000, async () => (await w.stateOf(past.id)) === 'replay_ready');
  });

  /** What is wrong with the screens of viewers, or those of the studio, in one size. */
  async function lookThrough(size, options, staff) {
    const faults = [];
    const alone = { ...options, serviceWorkers: 'block' };
    const page = staff ? await w.visitAsOwner('/studio', alone) : await w.visit('/signin', alone);
    await openCatalogues(page.context());
    for (const s of screens.filter((x) => Boolean(x.staff) === staff)) {
      await page.goto(`${w.base}${s.path}?lang=zh-TW`);
      for (const ids of [...(s.first && options === phone ? [s.first] : []), ...(s.press ?? [])]) await page.locator(ids.split('|').map((id) => `[data-testid="${id}"]`).join(', ')).first().click();
      await page.locator(s.ready).first().waitFor({ timeout: 10_000 });
      if (s.plays) await moves(page, 10_000);
      await page.evaluate(() => document.fonts.ready);
      await page.evaluate(stillness);
      const notices = await page.locator('.hush').count();
      const found = [...(await audit(page)), ...(notices > 1 ? [`${notices} notices over each other`] : [])];
      found.push(...(await inEveryTongue(page, {
        theirs, narrow: options === phone, ...(options === desk ? { only: ['zh-TW', 'th'] } : {}), // a desk has room: the longest there will do
        shot: (lang) => (options === phone || lang === 'zh-TW' ? join(shotFolder(), `${s.name}.${lang}.${size}.png`) : null),
        also: async (lang) => [ // words change what axe sees on few screens: one of each kind is asked in all languages
          ...(s.main && options === phone && lang !== 'zh-TW' ? await audit(page) : []),
          ...(options === phone && (lang === 'th' || lang === 'zh-TW') ? (await smallTargets(page)).map((x) => `small target ${x}`) : []),
        ],
      })));
      faults.push(...found.map((f) => `${s.name} ${f}`));
    }
    faults.push(...page.errors);
    await page.context().close();
    return [...new Set(faults)];
  }

  for (const [size, options] of Object.entries({ '390x844': phone, '1280x800': desk }))
    for (const staff of [false, true])
      await part(`${staff ? 'the studio' : 'viewers'} at ${size}`, async () => assert.deepEqual(await lookThrough(size, options, staff), []));

  await part('the first load of the home page is small', async () => {
    const context = await w.browser.newContext(phone);
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    const sizes = new Map();
    await session.send('Network.enable');
    session.on('Network.responseReceived', (e) => sizes.set(e.requestId, { type: e.type, bytes: 0 }));
    session.on('Network.loadingFinished', (e) => {
      if (sizes.has(e.requestId)) sizes.get(e.requestId).bytes = e.encodedDataLength;
    });
    await page.goto(`${w.base}/?lang=th`);
    await page.getByTestId('live-card').first().waitFor();
    const sum = (...types) => [...sizes.values()].filter((s) => types.includes(s.type)).reduce((n, s) => n + s.bytes, 0);
    const [js, css] = [sum('Script'), sum('Document', 'Stylesheet')];
    process.stdout.write(`home over the wire: scripts ${js} B, document and styles ${css} B\n`);
    assert.ok(js > 0 && js < 60_000, `scripts ${js} B`);
    assert.ok(css < 24_000, `document and styles ${css} B`);
    await context.close();
  });
});
