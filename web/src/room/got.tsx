import { useEffect, useState } from 'preact/hooks';
import { myClaims } from '../api/buy.ts';
import { session } from '../api/http.ts';
import type { Claim, ClaimState } from '../api/sale.ts';
import { Code, Thumb } from '../shop/bits.tsx';
import { optionText, wordsIn } from '../shop/option-words.ts';
import { t, type Key } from '../shop/strings.ts';
import type { RoomCtrl } from './ctrl.ts';

const words: Partial<Record<ClaimState, Key>> = {
  granted: 'got.held', partial: 'got.held', reduced: 'got.held', ordered: 'got.ordered', expired: 'got.expired', waitlisted: 'got.wait',
};
const most = 6;

/** At the end of a show: what this visitor got of it. */
export function Got({ ctrl }: { ctrl: RoomCtrl }) {
  const [all, setAll] = useState<Claim[] | null>(null);
  const who = session.value?.viewer?.id;
  useEffect(() => {
    if (!who) return;
    myClaims(ctrl.id).then((p) => setAll(p.items), () => undefined);
  }, [ctrl, who]);
  const mine = (all ?? ctrl.sale.mine.value).filter((c) => words[c.state]);
  if (mine.length === 0) return ctrl.sale.listings.value.length > 0 ? <p class="fine">{t('got.none')}</p> : null;
  return (
    <section class="got" data-ground="paper" data-testid="got">
      <h3>{t('got.title')}</h3>
      <ul>
        {mine.slice(0, most).map((c) => (
          <li key={c.id}>
            <Thumb src={c.image ?? ctrl.sale.find(c.listing_id)?.image ?? null} size="xs" /><Code of={c.code} />
            <span class="grow sm cut">{optionText(c.options, wordsIn(ctrl.sale.find(c.listing_id)?.options, c.options))} × {c.given || c.asked}</span>
            <span class="pill">{t(words[c.state] ?? 'got.held')}</span>
          </li>
        ))}
      </ul>
      <button type="button" class="btn pri wide" onClick={() => ctrl.toCart()}>{t('got.cart')}</button>
    </section>
  );
}
