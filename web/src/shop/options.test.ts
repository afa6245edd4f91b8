import { describe, expect, it } from 'vitest';
import { wordOf } from './options.tsx';

describe('the values of options', () => {
  const black = ['黑', '黑色', 'black', 'ดำ'];

  it('are said in the script of who reads', () => {
    expect(['zh-TW', 'en', 'th'].map((l) => wordOf('黑', black, l))).toEqual(['黑', 'black', 'ดำ']);
  });

  it('keep their name where there is no such word', () => {
    expect([wordOf('M', ['M'], 'th'), wordOf('黑', ['黑'], 'en'), wordOf('黑', undefined, 'th')]).toEqual(['M', '黑', '黑']);
  });
});
