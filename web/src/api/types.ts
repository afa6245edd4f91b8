/** The shapes of the HTTP contract. Times are Unix milliseconds; ids are opaque. */
import type { Lang } from '../i18n/area.ts';
import type { FunEvents, FunSnapshot } from './fun.ts';
import type { SaleEvents, SaleSnapshot } from './sale.ts';

export type Localized = Partial<Record<Lang, string>>;

/** Where one buys: country, currency, tax and delivery in one word. */
export type Market = 'TW' | 'TH';

export type Role = 'owner' | 'manager' | 'host' | 'moderator' | 'packer' | 'admin';

export interface Shop {
  id: string;
  slug: string;
  name: string;
}

export interface Session {
  kind: 'anonymous' | 'guest' | 'account';
  viewer: { id: string; name: string; lang: Lang } | null;
  staff: { shop: Shop; role: Role }[];
  market?: Market;
  /** Until when what matters is done without asking again who one is; 0: it is asked. */
  proved_until?: number;
  csrf: string;
}

export interface Me {
  id: string;
  name: string;
  email: string | null;
  email_verified?: boolean;
  lang: Lang;
  market?: Market;
}

export type ShowState =
  | 'draft' | 'scheduled' | 'backstage' | 'live' | 'interrupted'
  | 'ended' | 'replay_ready' | 'cancelled' | 'archived';

export interface Playback {
  kind: 'live' | 'replay';
  hls: string;
  offset_ms: number;
}

export type ChatMode = 'open' | 'slow' | 'members' | 'off';

export interface ChatSettings {
  mode: ChatMode;
  slow_s: number;
}

export interface Viewers {
  now: number;
  peak: number;
}

export interface Show {
  id: string;
  title: Localized;
  state: ShowState;
  starts_at: number | null;
  live_started_at: number | null;
  ended_at: number | null;
  host_name: string;
  cover: { id: string; url: string } | null;
  shop: Shop;
  viewers: Viewers;
  likes: number;
  chat: ChatSettings;
  playback: Playback | null;
  duration_ms: number | null;
  thumbnail: string | null;
  /** Staff only, from here. */
  version?: number;
  ingest?: { connected: boolean };
  created_at?: number;
  preview?: { hls: string };
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Message {
  id: string;
  name: string;
  badge: null | 'host' | 'moderator';
  text: string;
  lang: string;
  kind: 'chat' | 'system';
  at: number;
  seq: number;
  state: 'shown' | 'held' | 'hidden';
  mine?: true;
}

export interface Sanction {
  kind: 'mute' | 'ban';
  until: number | null;
}

export type IngestWarning =
  | 'bitrate_low' | 'bitrate_high' | 'gop_short' | 'gop_long' | 'b_frames'
  | 'no_audio' | 'no_video' | 'fps_unstable' | 'not_h264';

export interface IngestHealth {
  connected: boolean;
  since: number | null;
  bitrate_bps: number | null;
  fps: number | null;
  key_interval_ms: number | null;
  width: number | null;
  height: number | null;
  video_codec: string | null;
  audio_codec: string | null;
  b_frames: boolean | null;
  dropped: number | null;
  warnings: IngestWarning[];
}

export interface Ingest {
  rtmps: { url: string; key: string };
  rtmp: { url: string; key: string } | null;
  grove: string;
  ca_url: string | null;
  rotated_at: number | null;
}

/** A cart in a few numbers; `held_until` is when its first hold ends. */
export interface CartSum {
  count: number;
  held_until: number | null;
  offers: number;
}

export interface Snapshot extends Partial<SaleSnapshot & FunSnapshot> {
  show: Show;
  chat: ChatSettings & { messages: Message[]; pinned: Message | null };
  viewers: Viewers;
  likes: number;
  me: { name: string | null; role: string | null; sanction: Sanction | null; cart?: CartSum | null };
  server_now: number;
}

/** `data` of every event of a show, by type. */
export interface EventData extends SaleEvents, FunEvents {
  'room.snapshot': Snapshot;
  'show.state': Pick<Show, 'state' | 'starts_at' | 'live_started_at' | 'ended_at' | 'playback'> & { version?: number };
  'show.updated': { show: Show };
  'chat.message': Message;
  'chat.removed': { ids: string[] };
  'chat.pinned': { message: Message | null };
  'chat.mode': ChatSettings;
  'viewers.count': Viewers;
  'like.burst': { n: number; total: number };
  'server.bye': { retry_ms: number };
  /** `kind` null: it is lifted. */
  'me.sanction': { kind: Sanction['kind'] | null; until: number | null };
  'staff.ingest': IngestHealth;
  'staff.held': Message;
}

export type EventType = keyof EventData;

/** One event as it travels. `seq` is absent on those that are not logged. */
export type RoomEvent = {
  [T in EventType]: { seq?: number | null; type: T; at: number; media_at?: number | null; data: EventData[T] };
}[EventType];

/** What the server writes into the shell, so that the first paint needs no further request. */
export interface Boot {
  lang: Lang;
  session: Session;
  show: Show | null;
  now: number;
}
