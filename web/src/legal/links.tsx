import { docs } from './api.ts';
import { t } from './strings.ts';

/** The way to what a reader may want to know before buying. */
export const LegalLinks = () => (
  <nav class="foot-legal" aria-label={t('others')} data-testid="foot-legal">
    {docs.map((d) => <a key={d} href={`/legal/${d}`}>{t(`doc.${d}`)}</a>)}
  </nav>
);
