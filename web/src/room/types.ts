import type { Ticker } from '../api/sale.ts';
import type { Message } from '../api/types.ts';

/** What the room looks like, from the show's state. */
export type Stage = 'wait' | 'countdown' | 'live' | 'break' | 'ended' | 'replay' | 'cancelled' | 'gone';

/** A line of chat; `mine` may be held back by a blocked word, which only its author is told. */
export type Line = Omit<Message, 'kind'> & ({ kind: Message['kind']; claim?: never } | { kind: 'claim'; claim: Ticker });

/** Why nothing can be written now, in order of weight. */
export type Mute =
  | { why: 'none' }
  | { why: 'off' }
  | { why: 'members' }
  | { why: 'sanction'; until: number | null }
  | { why: 'closed' };

export type Panel = null | 'menu' | 'name' | 'keys' | 'tray' | 'login';
