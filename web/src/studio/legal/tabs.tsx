import { signal } from '@preact/signals';
import { go } from '../../ui/route.ts';
import { l } from './strings.ts';

const tabs = ['legal', 'requests', 'consents', 'keep', 'breaches'] as const;
export type Tab = (typeof tabs)[number];

const tabIn = (search: string): Tab => tabs.find((x) => x === new URLSearchParams(search).get('tab') && x !== 'legal') ?? 'requests';

/** Which part of the privacy page is shown; its address says so too. */
export const part = signal<Tab>('requests');
export const readPart = (): void => {
  part.value = tabIn(location.search);
};

/** Both pages in one row; those of privacy share an address and are told apart by its end. */
export function Tabs({ at }: { at: Tab }) {
  const to = (tab: Tab): void => {
    go(tab === 'legal' ? '/studio/legal' : `/studio/privacy?tab=${tab}`);
    if (tab !== 'legal') part.value = tab;
  };
  return (
    <div class="seg filter" role="group" aria-label={l('title')}>
      {tabs.map((x) => <button key={x} type="button" aria-pressed={at === x} data-testid={`tab-${x}`} onClick={() => to(x)}>{l(`tab.${x}`)}</button>)}
    </div>
  );
}
