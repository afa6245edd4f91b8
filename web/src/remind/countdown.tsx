import type { Show } from '../api/types.ts';
import { Remind } from './view.tsx';
import { Zones } from './zones.tsx';

/** What the countdown adds below its clock. */
export function BeforeShow({ show }: { show: Show }) {
  return <><Zones show={show} /><Remind show={show} /></>;
}
