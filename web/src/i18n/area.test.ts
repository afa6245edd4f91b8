import { describe, expect, it } from 'vitest';
import { area, asLang, fill, htmlLang, lang } from './area.ts';
import { daysAway, pick } from './format.ts';

describe('strings', () => {
  it('fills marks and leaves unknown ones to be seen', () => {
    expect(fill('{a} and {b}', { a: 1 })).toBe('1 and {b}');
  });

  it('reads many names of a language', () => {
    expect(['th-TH', 'en-GB', 'zh-Hant-TW', 'zh-TW', 'fr', null].map(asLang)).toEqual(['th', 'en', 'zh-TW', 'zh-TW', 'zh-TW', 'zh-TW']);
    expect(htmlLang('zh-TW')).toBe('zh-Hant-TW');
  });

  it('loads a language and answers in it', async () => {
    const one = (hello: string) => () => Promise.resolve({ default: { hello } });
    const a = area({ 'zh-TW': one('你好'), th: one('สวัสดี'), en: one('Hello') });
    await a.load('th');
    expect(a.t('hello')).toBe('สวัสดี');
  });
});

describe('formats', () => {
  it('picks the reader language first, then any there is', () => {
    lang.value = 'th';
    expect(pick({ en: 'a', th: 'b' })).toEqual({ text: 'b', lang: 'th' });
    expect(pick({ en: 'a' })).toEqual({ text: 'a', lang: 'en' });
    expect(pick({}).text).toBe('');
    lang.value = 'zh-TW';
  });

  it('counts days by the calendar, not by hours', () => {
    const late = new Date(2026, 10, 22, 23, 50).getTime();
    expect(daysAway(late + 20 * 60_000, late)).toBe(1);
    expect(daysAway(late - 23 * 3_600_000, late)).toBe(0);
  });
});
