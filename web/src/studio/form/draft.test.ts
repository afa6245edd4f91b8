import { describe, expect, it } from 'vitest';
import { blank, changes, faultsOf, fromField, merge, toField, type Draft } from './draft.ts';

const d = (over: Partial<Draft> = {}): Draft => ({ ...blank('小美', 'tw-bag'), zh: '帆布包', ...over });
const noon = new Date(2026, 10, 23, 12, 0).getTime();

describe('a time in a field', () => {
  it('goes in and comes out to the minute', () => {
    expect(toField(noon)).toBe('2026-11-23T12:00');
    expect(fromField('2026-11-23T12:00')).toBe(noon);
  });

  it('may be none', () => {
    expect(toField(null)).toBe('');
    expect(fromField('')).toBeNull();
    expect(fromField('nonsense')).toBeNull();
  });
});

describe('what is sent', () => {
  it('is everything for a new show', () => {
    expect(changes(null, d({ en: ' Bags ', starts: '2026-11-23T12:00' }))).toEqual({
      title: { 'zh-TW': '帆布包', en: 'Bags' }, starts_at: noon, cover: 'tw-bag', host_name: '小美',
    });
  });

  it('is only what changed for a known one, and null for what was taken away', () => {
    const base = d({ starts: '2026-11-23T12:00' });
    expect(changes(base, { ...base })).toEqual({});
    expect(changes(base, { ...base, starts: '', cover: '' })).toEqual({ starts_at: null, cover: null });
    expect(changes(base, { ...base, th: 'ก' })).toEqual({ title: { 'zh-TW': '帆布包', th: 'ก' } });
    expect(changes({ ...base, cn: '包' }, { ...base, cn: '包', ja: 'かばん' })).toEqual({ title: { 'zh-TW': '帆布包', 'zh-CN': '包', ja: 'かばん' } });
  });
});

describe('faults', () => {
  it('want one title in any language', () => {
    expect(faultsOf(null, d({ zh: ' ' }), noon)).toEqual({ zh: 'titleEmpty' });
    expect(faultsOf(null, d({ zh: '', ja: 'か' }), noon)).toEqual({});
    expect(faultsOf(null, d({ cn: 'x'.repeat(81) }), noon)).toEqual({ cn: 'titleLong' });
  });

  it('count characters, not code units', () => {
    expect(faultsOf(null, d({ zh: '😀'.repeat(80) }), noon)).toEqual({});
    expect(faultsOf(null, d({ zh: 'x'.repeat(81), host: 'x'.repeat(41) }), noon)).toEqual({ zh: 'titleLong', host: 'hostLong' });
  });

  it('refuse a start behind us, but not one that was already there', () => {
    const past = d({ starts: '2026-11-23T11:59' });
    expect(faultsOf(null, past, noon)).toEqual({ starts: 'past' });
    expect(faultsOf(past, { ...past, zh: '新' }, noon)).toEqual({});
    expect(faultsOf(null, d({ starts: 'x' }), noon)).toEqual({ starts: 'badTime' });
  });
});

describe('two people editing', () => {
  const base = d();

  it('keeps both when they touched different fields', () => {
    const got = merge(base, { ...base, en: 'Bags' }, { ...base, cover: 'tw-mug' });
    expect(got.merged).toEqual({ ...base, en: 'Bags', cover: 'tw-mug' });
    expect(got.clashes).toEqual([]);
    expect(got.taken).toEqual(['cover']);
  });

  it('asks when both changed the same field differently', () => {
    const got = merge(base, { ...base, zh: '我的' }, { ...base, zh: '他的' });
    expect(got.clashes).toEqual([{ field: 'zh', mine: '我的', theirs: '他的' }]);
    expect(got.merged.zh).toBe('我的');
  });

  it('does not ask when both wrote the same', () => {
    expect(merge(base, { ...base, zh: '同' }, { ...base, zh: '同' }).clashes).toEqual([]);
  });
});
