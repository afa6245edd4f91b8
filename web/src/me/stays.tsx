import type { Stays } from '../api/people.ts';
import { tw, type PeopleKey } from '../people/strings.ts';
import { dayText } from './day.ts';

const kept: Record<string, PeopleKey> = {
  profile: 'what.profile', identities: 'what.identities', sessions: 'what.sessions', addresses: 'what.addresses', messages: 'what.messages', carts: 'what.carts',
  waiting: 'what.waiting', coupons: 'what.coupons', draws: 'what.draws', reminders: 'what.reminders', push: 'what.push', consents: 'what.consents',
  orders: 'what.orders', invoices: 'what.invoices', claims: 'what.claims', bans: 'what.bans',
};
const whys: Record<string, PeopleKey> = { tax: 'why.tax', open: 'why.open', proof: 'why.proof', ledger: 'why.ledger', safety: 'why.safety' };

export const whatText = (what: string): string => {
  const key = kept[what];
  return key ? tw(key) : what;
};

/** What is kept although somebody has gone: why, and until when. */
export function StaysList({ of }: { of: Stays[] }) {
  if (of.length === 0) return <p class="sm t2">{tw('stays.nothing')}</p>;
  return (
    <ul class="stays" data-testid="stays">
      {of.map((s) => {
        const why = whys[s.why];
        return (
          <li key={`${s.what} ${s.why}`}><b>{whatText(s.what)}</b> <span class="num">{s.n}</span>
            <span class="xs t2 blk-l">{why ? tw(why) : s.why}{s.until !== null && ` ${tw('stays.until', { day: dayText(s.until) })}`}</span></li>
        );
      })}
    </ul>
  );
}
