import { t } from '../i18n/index.ts';

export function SignIn() {
  return <main class="empty"><h1>{t('app')}</h1></main>;
}
