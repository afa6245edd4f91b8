import type { Message, Session, Show } from '../src/api/types.ts';

/** One moment for all views, so that pictures of them do not change from day to day. */
export const now = Date.UTC(2026, 10, 22, 12, 30);
const minute = 60_000;

export const base: Show = {
  id: 'shw_demo',
  title: { 'zh-TW': '老街選物：秋冬帆布包開箱', th: 'เปิดกล่องกระเป๋าผ้าใบหน้าหนาว', en: 'Old Street: winter canvas bags' },
  state: 'live',
  starts_at: now - 42 * minute,
  live_started_at: now - 42 * minute,
  ended_at: null,
  host_name: '小美',
  cover: { id: 'tw-bag', url: '/img/tw-bag.jpg' },
  shop: { id: 'shp_1', slug: 'xiaomei', name: '小美老街選物' },
  viewers: { now: 1204, peak: 1380 },
  likes: 842,
  chat: { mode: 'open', slow_s: 10 },
  playback: { kind: 'live', hls: '/none.m3u8', offset_ms: 0 },
  duration_ms: null,
  thumbnail: null,
};

const other = (id: string, cover: string, title: Show['title'], shop: string, more: Partial<Show>): Show => ({
  ...base, id, title, cover: { id: cover, url: `/img/${cover}.jpg` }, shop: { ...base.shop, name: shop }, playback: null, ...more,
});

export const live = [
  base,
  other('shw_tea', 'tw-tea', { 'zh-TW': '高山茶當季試喝' }, '阿里山茶行', { viewers: { now: 318, peak: 400 } }),
  other('shw_mango', 'th-mango', { th: 'มะม่วงน้ำดอกไม้ส่งตรงจากเชียงใหม่' }, 'สวนป้าแดง', { viewers: { now: 97, peak: 99 } }),
];

export const next = [
  other('shw_mug', 'tw-mug', { 'zh-TW': '柴燒器皿小場', en: 'Wood-fired cups' }, '山腳陶坊', { state: 'scheduled', starts_at: now + 22 * minute }),
  other('shw_scarf', 'th-scarf', { 'zh-TW': '泰北手織圍巾', th: 'ผ้าพันคอทอมือเมืองเหนือ' }, 'แม่แอนผ้าทอ', { state: 'scheduled', starts_at: now + 26 * 60 * minute }),
];

export const replays = [
  other('shw_r1', 'tw-mug', { 'zh-TW': '海浪杯新色，一次看', th: 'แก้วลายคลื่นสีใหม่', en: 'Wave mug, new glaze' }, '山腳陶坊', { state: 'replay_ready', duration_ms: 4_360_000, ended_at: now - 30 * 60 * minute }),
  other('shw_r2', 'tw-tea', { 'zh-TW': '冬茶第一批到貨' }, '阿里山茶行', { state: 'replay_ready', duration_ms: 3_486_000, ended_at: now - 50 * 60 * minute }),
];

const said: [name: string, text: string, lang?: string, badge?: Message['badge']][] = [
  ['阿宏', '袋口有拉鍊嗎？'],
  ['Joyce', '可以放 13 吋筆電嗎'],
  ['小美', '放得下，內層有加棉，我放給大家看', 'zh-TW', 'host'],
  ['ปู่', 'กี้ ญู้ ผืนนี้กี่บาทคะ', 'th'],
  ['Amy', 'How long is the strap?', 'en'],
  ['小魚', '米色好看'],
];

export const lines: Message[] = said.map(([name, text, lang = 'zh-TW', badge = null], i) => ({
  id: `msg_${i}`, name, badge, text, lang, kind: 'chat', at: now, seq: i + 1, state: 'shown',
}));

export const pinned: Message = {
  id: 'msg_p', name: '小美', badge: 'host', text: '今晚滿 NT$1,800 免運，到 22:00 止', lang: 'zh-TW', kind: 'chat', at: now, seq: 99, state: 'shown',
};

export const guest: Session = { kind: 'guest', viewer: { id: 'usr_1', name: '小魚', lang: 'zh-TW' }, staff: [], csrf: 'none' };
export const nobody: Session = { kind: 'anonymous', viewer: null, staff: [], csrf: 'none' };
