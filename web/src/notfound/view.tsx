import { t } from '../i18n/index.ts';
import { Logo } from '../ui/icon.tsx';

export function NotFound() {
  return (
    <main class="empty">
      <Logo size={64} />
      <h1>{t('notFound.title')}</h1>
      <p class="t2">{t('notFound.text')}</p>
      <a class="btn pri" href="/">{t('notFound.home')}</a>
    </main>
  );
}
