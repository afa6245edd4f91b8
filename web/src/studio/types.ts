import type { ChatMode, Localized, Message } from '../api/types.ts';

/** What a show is made of, and what of it is changed; an absent field stays as it is. */
export interface ShowFields {
  title?: Localized;
  starts_at?: number | null;
  cover?: string | null;
  host_name?: string;
  shop?: string;
  state?: 'scheduled';
}

export interface Cover {
  id: string;
  url: string;
}

export type SanctionKind = 'mute' | 'ban';

/** One who may not write, as staff see it. */
export interface SanctionRow {
  id: string;
  kind: SanctionKind;
  until: number | null;
  name: string;
  why?: string | null;
  at?: number;
}

export interface ChatChange {
  mode?: ChatMode;
  slow_s?: number;
}

/** What lies over the show's screens: one at a time. */
export type Panel =
  | { is: 'message'; message: Message }
  | { is: 'announce' } | { is: 'gift' } | { is: 'end' } | { is: 'cancel' } | { is: 'archive' } | { is: 'rotate' } | { is: 'keys' }
  | null;

/** The parts of the console that a phone shows one at a time. */
export type Tab = 'chat' | 'run' | 'picture' | 'signal' | 'rules';
