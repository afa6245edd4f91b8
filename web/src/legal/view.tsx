import { Page } from '../shop/page.tsx';
import { Icon } from '../ui/icon.tsx';
import { t } from './strings.ts';
import './style.css';

const terms = (['1', '2', '3', '4', '5', '6', '7'] as const).map((n) => ({ head: () => t(`terms.${n}.h`), body: () => t(`terms.${n}`) }));
const privacy = (['1', '2', '3', '4', '5', '6'] as const).map((n) => ({ head: () => t(`privacy.${n}.h`), body: () => t(`privacy.${n}`) }));

/** `/legal/terms` and `/legal/privacy`. */
export function LegalPage({ which }: { which: 'terms' | 'privacy' }) {
  const isTerms = which === 'terms';
  return (
    <Page title={t(isTerms ? 'terms.title' : 'privacy.title')} testId="legal">
      <p class="note warn"><Icon name="info" size={18} /><span>{t('note')}</span></p>
      <article class="card legal">
        {(isTerms ? terms : privacy).map(({ head, body }, i) => (
          <section key={i}>
            <h2><span class="stepno" aria-hidden="true">{i + 1}</span>{head()}</h2>
            <p>{body()}</p>
          </section>
        ))}
      </article>
      <a class="btn wide" href={isTerms ? '/legal/privacy' : '/legal/terms'}>{t(isTerms ? 'other.terms' : 'other.privacy')}</a>
    </Page>
  );
}
