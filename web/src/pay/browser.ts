/** Browsers inside other apps. On the way to a gateway and back they lose the page, on iOS above all. */
export type InApp = 'line' | 'facebook' | 'instagram' | null;

export function inAppOf(agent: string): InApp {
  if (/\bLine\//i.test(agent)) return 'line';
  if (/\bInstagram\b/.test(agent)) return 'instagram';
  return /\bFB(?:AN|AV|_IAB)\b/.test(agent) ? 'facebook' : null;
}

/**
 * An address that opens in the phone's own browser. LINE does it for a word in the address, Android
 * for an intent; on other phones there is none, and a person does it by the app's menu.
 */
export function outside(url: string, app: InApp, agent: string): string | null {
  if (app === 'line') {
    const to = new URL(url);
    to.searchParams.set('openExternalBrowser', '1');
    return to.href;
  }
  if (app && /\bAndroid\b/.test(agent)) {
    const to = new URL(url);
    return `intent://${to.host}${to.pathname}${to.search}#Intent;scheme=${to.protocol.slice(0, -1)};end`;
  }
  return null;
}
