import { describe, expect, it } from 'vitest';
import { inAppOf, isLiff, outside, worksIn } from './inapp.ts';

const ios = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const wv = 'Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.86 Mobile Safari/537.36';
const agents = {
  line: `${ios} Mobile/15E148 Safari Line/15.1.0`,
  liff: `${ios} Mobile/15E148 Safari Line/15.1.0 LIFF`,
  lineAndroid: `${wv} Line/14.18.1/IAB`,
  facebook: `${ios} Mobile/15E148 [FBAN/FBIOS;FBAV/490.0.0.41.76;FBBV/657113010;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/18.1;FBLC/zh_TW;FBOP/5]`,
  messenger: `${ios} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/483.0.0.49.107;FBDV/iPhone15,3;FBLC/th_TH]`,
  facebookAndroid: `${wv} [FB_IAB/FB4A;FBAV/490.0.0.56.79;]`,
  instagram: `${ios} Mobile/22B83 Instagram 357.0.4.28.88 (iPhone14,5; iOS 18_1; zh_TW; zh-Hant; scale=3.00; 1170x2532; 660417361)`,
  instagramAndroid: `${wv} Instagram 357.1.0.52.100 Android (34/14; 480dpi; 1080x2340; samsung; SM-S918B; dm3q; qcom; th_TH; 662944208)`,
  threads: `${ios} Mobile/22B83 Barcelona 357.0.4.28.88 (iPhone14,5; iOS 18_1; zh_TW)`,
  tiktok: `${ios} Mobile/15E148 musical_ly_37.1.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/zh-Hant Region/TW BytedanceWebview/d8a21c6`,
  tiktokAndroid: `${wv} trill_2023701040 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/trill app_version/37.1.4 BytedanceWebview/d8a21c6`,
  wechat: `${ios} Mobile/15E148 MicroMessenger/8.0.53(0x18003531) NetType/WIFI Language/zh_TW`,
  webview: wv,
  webviewIos: `${ios} Mobile/15E148`,
  chrome: 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36',
  samsung: 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36',
  safari: `${ios} Version/18.1 Mobile/15E148 Safari/604.1`,
  chromeIos: `${ios} CriOS/130.0.6723.90 Mobile/15E148 Safari/604.1`,
  desktop: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
};
const here = 'https://shop.example/pay/T261122-0042?s=abc';

describe('a browser inside an app', () => {
  it.each([
    ['line', 'line'], ['liff', 'line'], ['lineAndroid', 'line'], ['facebook', 'facebook'], ['messenger', 'facebook'], ['facebookAndroid', 'facebook'],
    ['instagram', 'instagram'], ['instagramAndroid', 'instagram'], ['threads', 'instagram'], ['tiktok', 'tiktok'], ['tiktokAndroid', 'tiktok'],
    ['wechat', 'wechat'], ['webview', 'webview'], ['webviewIos', 'webview'],
    ['chrome', null], ['samsung', null], ['safari', null], ['chromeIos', null], ['desktop', null], ['mac', null],
  ] as const)('%s is told from others', (name, app) => {
    expect(inAppOf(agents[name])).toBe(app);
  });

  it('is part of LINE itself where LINE says so', () => {
    expect([agents.liff, `${wv} Line/14.18.1 LIFF`].map(isLiff)).toEqual([true, true]);
    expect([agents.line, agents.lineAndroid, agents.safari].map(isLiff)).toEqual([false, false, false]);
  });

  it('is left by the address where the app knows how', () => {
    expect(outside(here, 'line', agents.line)).toBe(`${here}&openExternalBrowser=1`);
    expect(outside('https://shop.example/h?openExternalBrowser=1#tok', 'line', agents.line)).toBe('https://shop.example/h?openExternalBrowser=1#tok');
    const intent = outside('https://shop.example/h?openExternalBrowser=1#tok', 'facebook', agents.facebookAndroid) ?? '';
    // Android reads from the last mark on; what is before it is the address.
    expect(intent.slice(0, intent.lastIndexOf('#'))).toBe('intent://shop.example/h?openExternalBrowser=1#tok');
    expect(intent).toContain('#Intent;scheme=https;');
    expect(intent).toContain(';S.browser_fallback_url=https%3A%2F%2Fshop.example%2Fh%3FopenExternalBrowser%3D1%23tok;end');
  });

  it('is left by hand elsewhere', () => {
    expect(outside(here, 'facebook', agents.facebook)).toBeNull();
    expect(outside(here, null, agents.chrome)).toBeNull();
  });
});

describe('ways to sign in that fail inside an app', () => {
  const shown = (name: keyof typeof agents): string =>
    ['line', 'facebook', 'apple', 'google', 'keycloak'].filter((p) => worksIn(p, inAppOf(agents[name]), agents[name])).join(' ');
  it.each([
    ['line', 'line facebook apple keycloak'],
    ['lineAndroid', 'line keycloak'],
    ['facebook', 'line facebook apple keycloak'],
    ['facebookAndroid', 'line facebook keycloak'],
    ['instagramAndroid', 'line keycloak'],
    ['tiktok', 'line facebook keycloak'],
    ['wechat', 'line facebook keycloak'],
    ['webview', 'line keycloak'],
    ['webviewIos', 'line facebook apple keycloak'],
    ['chrome', 'line facebook apple google keycloak'],
    ['desktop', 'line facebook apple google keycloak'],
  ] as const)('are not shown in %s', (name, ways) => {
    expect(shown(name)).toBe(ways);
  });
});
