import { describe, expect, it } from 'vitest';
import { inAppOf, outside } from './browser.ts';

const line = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/15.1.0';
const facebook = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/490.0.0.41.76]';
const facebookAndroid = 'Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/490.0.0]';
const chrome = 'Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36';
const here = 'https://shop.example/pay/T261122-0042?s=abc';

describe('a browser inside an app', () => {
  it.each([[line, 'line'], [facebook, 'facebook'], [facebookAndroid, 'facebook'], [chrome, null]])('is told from others', (agent, app) => {
    expect(inAppOf(agent)).toBe(app);
  });

  it('is left by the address where the app knows how', () => {
    expect(outside(here, 'line', line)).toBe(`${here}&openExternalBrowser=1`);
    expect(outside(here, 'facebook', facebookAndroid)).toBe('intent://shop.example/pay/T261122-0042?s=abc#Intent;scheme=https;end');
  });

  it('is left by hand elsewhere', () => {
    expect(outside(here, 'facebook', facebook)).toBeNull();
    expect(outside(here, null, chrome)).toBeNull();
  });
});
