import { describe, expect, it } from 'vitest';
import { area, asLang, fill, htmlLang, lang, langs } from './area.ts';
import { daysAway, phoneText, pick } from './format.ts';

describe('strings', () => {
  it('fills marks and leaves unknown ones to be seen', () => {
    expect(fill('{a} and {b}', { a: 1 })).toBe('1 and {b}');
  });

  it('takes the word that goes with the number', () => {
    const text = '{n} {n|item|items}';
    expect([fill(text, { n: 1 }), fill(text, { n: '0' }), fill(text, { n: '1,001' })]).toEqual(['1 item', '0 items', '1,001 items']);
    expect(fill(text, { m: 1 })).toBe(text);
  });

  it('reads many names of a language', () => {
    const nearest: [string | null, string][] = [
      ['th-TH', 'th'], ['en-GB', 'en'], ['ja-JP', 'ja'], ['zh', 'zh-TW'], ['zh-Hant-TW', 'zh-TW'], ['zh-HK', 'zh-TW'], ['zh_CN', 'zh-CN'],
      ['zh-Hans', 'zh-CN'], ['zh-Hant-CN', 'zh-TW'], ['zh-SG', 'zh-CN'], ['fr', 'en'], ['then', 'en'], ['', 'zh-TW'], [null, 'zh-TW'],
    ];
    expect(nearest.map(([asked]) => [asked, asLang(asked)])).toEqual(nearest);
    expect(langs.map(htmlLang)).toEqual(['zh-Hant-TW', 'th', 'en', 'zh-Hans-CN', 'ja']);
    expect(langs.map((l) => asLang(htmlLang(l)))).toEqual(langs);
  });

  it('loads a language and answers in it', async () => {
    const one = (hello: string) => () => Promise.resolve({ default: { hello } });
    const a = area({ 'zh-TW': one('你好'), th: one('สวัสดี'), en: one('Hello'), 'zh-CN': one('你好'), ja: one('こんにちは') });
    await a.load('th');
    expect(a.t('hello')).toBe('สวัสดี');
    expect(document.querySelector('[data-i18n-missing]')).toBeNull();
    a.set({});
    expect(a.t('hello')).toBe('hello');
    expect(document.documentElement.dataset['i18nMissing']).toBe('hello');
    delete document.documentElement.dataset['i18nMissing'];
  });
});

describe('formats', () => {
  it('picks the reader language first, then the nearest there is', () => {
    lang.value = 'zh-CN';
    expect(pick({ en: 'a', 'zh-TW': '甲' }).lang).toBe('zh-TW');
    lang.value = 'ja';
    expect(pick({ 'zh-TW': '甲', th: 'b', en: 'a' }).lang).toBe('en');
    lang.value = 'th';
    expect(pick({ en: 'a', th: 'b' })).toEqual({ text: 'b', lang: 'th' });
    expect(pick({ en: 'a' })).toEqual({ text: 'a', lang: 'en' });
    expect(pick({}).text).toBe('');
    lang.value = 'zh-TW';
  });

  it('writes phones as their country does', () => {
    expect([phoneText('0912345678', 'TW'), phoneText('0912 345-678', 'TW'), phoneText('0812345678', 'TH')]).toEqual(['0912-345-678', '0912-345-678', '081-234-5678']);
    expect([phoneText('+886912345678', 'TW'), phoneText('0812345678', 'TW'), phoneText('', 'TH')]).toEqual(['+886912345678', '0812345678', '']);
  });

  it('counts days by the calendar, not by hours', () => {
    const late = new Date(2026, 10, 22, 23, 50).getTime();
    expect(daysAway(late + 20 * 60_000, late)).toBe(1);
    expect(daysAway(late - 23 * 3_600_000, late)).toBe(0);
  });
});
