import type { ChatSettings, Sanction, Session, Show } from '../api/types.ts';
import type { Mute, Stage } from './types.ts';

export function stageOf(show: Show | null): Stage {
  switch (show?.state) {
    case undefined:
      return 'wait';
    case 'draft':
    case 'scheduled':
    case 'backstage':
      return 'countdown';
    case 'live':
      return 'live';
    case 'interrupted':
      return 'break';
    case 'replay_ready':
      return show.playback ? 'replay' : 'ended';
    case 'cancelled':
      return 'cancelled';
    default:
      return 'ended';
  }
}

/** Chat stands open before the show, during it and in its breaks. */
const talking = new Set<Stage>(['countdown', 'live', 'break']);

export function muteOf(stage: Stage, chat: ChatSettings, sanction: Sanction | null, who: Session | null, now: number): Mute {
  if (!talking.has(stage)) return { why: 'closed' };
  if (sanction && (sanction.until === null || sanction.until > now)) return { why: 'sanction', until: sanction.until };
  if (chat.mode === 'off') return { why: 'off' };
  if (chat.mode === 'members' && who?.kind !== 'account') return { why: 'members' };
  return { why: 'none' };
}
