/** Browsers inside other apps. They lose the page on the way to a gateway or to a place of signing in, and some of those refuse them. */
export type InApp = 'line' | 'facebook' | 'instagram' | 'tiktok' | 'wechat' | 'webview' | null;

export const appNames: Record<Exclude<InApp, null | 'webview'>, string> = { line: 'LINE', facebook: 'Facebook', instagram: 'Instagram', tiktok: 'TikTok', wechat: 'WeChat' };

const signs: [Exclude<InApp, null>, RegExp][] = [
  ['line', /\bLine\/\d/i],
  ['instagram', /\b(?:Instagram|Barcelona) \d/],
  ['facebook', /\bFB(?:AN|AV|_IAB)\b/],
  ['tiktok', /\b(?:musical_ly|trill)_|\bBytedanceWebview\b|\bTikTok\b/i],
  ['wechat', /\bMicroMessenger\//],
  ['webview', /; wv\)/],
];

/** iOS says nothing of web views; but those that are no browser leave out the word that every browser carries. */
const iosWebView = /\b(?:iPhone|iPad|iPod)\b(?!.*\bSafari\/).*\bAppleWebKit\b(?!.*\bSafari\/)/;

export function inAppOf(agent: string): InApp {
  const sign = signs.find(([, re]) => re.test(agent));
  if (sign) return sign[0];
  return iosWebView.test(agent) ? 'webview' : null;
}

const isAndroid = (agent: string): boolean => /\bAndroid\b/.test(agent);

/** LINE's own frame for pages that are part of LINE. */
export const isLiff = (agent: string): boolean => /\bLine\/\d.*\bLIFF\b/i.test(agent);

/**
 * Whether signing in with this provider can succeed in this browser. Google answers 403 to every web
 * view, Facebook to those of Android that are not its own; Apple's page asks for a second device's
 * word, which frames without windows cannot show.
 */
export function worksIn(provider: string, app: InApp, agent: string): boolean {
  switch (provider) {
    case 'google':
      return app === null;
    case 'facebook':
      return app === null || app === 'facebook' || !isAndroid(agent);
    case 'apple':
      return app === null || (app !== 'wechat' && app !== 'tiktok' && !isAndroid(agent));
    default:
      return true;
  }
}

/**
 * An address that opens in the phone's own browser. LINE does it for a word in the address, Android
 * for an intent; on other phones there is none, and a person does it by the app's menu.
 */
export function outside(url: string, app: InApp, agent: string): string | null {
  const to = new URL(url);
  if (app === 'line') {
    to.searchParams.set('openExternalBrowser', '1');
    return to.href;
  }
  if (app && isAndroid(agent)) {
    const back = encodeURIComponent(to.href);
    return `intent://${to.host}${to.pathname}${to.search}${to.hash}#Intent;scheme=${to.protocol.slice(0, -1)};action=android.intent.action.VIEW;category=android.intent.category.BROWSABLE;S.browser_fallback_url=${back};end`;
  }
  return null;
}
