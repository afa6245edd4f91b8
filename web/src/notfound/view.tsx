import { t } from '../i18n/index.ts';
import { Logo } from '../ui/icon.tsx';
import { useTitle } from '../ui/title.ts';
import './style.css';

/** A path of our own that leads nowhere; unknown ones from outside get the static 404.html. `soon`: it may come to be, and is watched. */
export function NotFound({ soon = false }: { soon?: boolean }) {
  useTitle(t('notFound.title'));
  return (
    <main class="notfound" data-ground="room" data-testid="state-gone">
      <span class="sway"><Logo size={84} /></span>
      <h1>{t('notFound.title')}</h1>
      <p class="t2">{t('notFound.text')}</p>
      {soon && <p class="t2 sm">{t('notFound.soon')}</p>}
      <a class="btn warmth" href="/">{t('notFound.home')}</a>
    </main>
  );
}
