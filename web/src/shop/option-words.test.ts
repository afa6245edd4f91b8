import { describe, expect, it } from 'vitest';
import { lang, langs } from '../i18n/area.ts';
import { optionText, optionTitle, wordOf, wordsIn } from './option-words.ts';
import { strings } from './strings.ts';

describe('the values of options', () => {
  const black = ['黑', '黑色', 'black', 'ดำ'];

  it('are said in the script of who reads', () => {
    expect(langs.map((l) => wordOf('黑', black, l))).toEqual(['黑', 'ดำ', 'black', '黑', 'black']);
    expect(wordOf('Black', ['Black', 'B', '黑', 'ブラック'], 'ja')).toBe('ブラック');
  });

  it('are said in the next best where there is no such word, and keep their name', () => {
    expect([wordOf('M', ['M'], 'th'), wordOf('黑', ['黑'], 'en'), wordOf('黑', undefined, 'th'), wordOf('黑', ['黑', 'black'], 'th')]).toEqual(['M', '黑', '黑', 'black']);
  });

  it('have a title in the reader\'s language', async () => {
    await strings.load('th');
    lang.value = 'th';
    expect(['顏色', 'Colour', '尺碼/Size', '材質/วัสดุ/Material', '產地'].map(optionTitle)).toEqual(['สี', 'สี', 'ขนาด', 'วัสดุ', '產地']);
    lang.value = 'zh-TW';
  });

  it('are found by what was chosen', () => {
    const options = [{ name: '顏色', values: ['白', '黑'], words: [['白', 'white'], ['黑', 'black']] }, { name: '尺寸', values: ['M'] }];
    expect(wordsIn(options, ['黑', 'M'])).toEqual([['黑', 'black'], undefined]);
    expect(optionText(['黑', 'M'])).toBe('黑 M');
  });
});
