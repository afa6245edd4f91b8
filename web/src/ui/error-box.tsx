import { useEffect, useRef } from 'preact/hooks';
import { t, type Key } from '../i18n/index.ts';
import { Logo } from './icon.tsx';
import { online } from './offline.tsx';
import type { ProblemCode } from '../api/http.ts';

export type Cause = ProblemCode | 'code';

/** Why, in words: what the reader can act on. */
export function causeKey(cause: Cause): Key {
  switch (cause) {
    case 'offline':
      return 'error.offline';
    case 'code':
      return 'error.code';
    case 'timeout':
    case 'busy':
    case 'slow_down':
      return 'error.busy';
    case 'not_found':
      return 'error.notFound';
    default:
      return 'error.server';
  }
}

/** What failed for want of a network is tried again as soon as there is one. */
function useReturn(cause: Cause, retry: () => void): void {
  const now = online.value;
  const before = useRef(now);
  useEffect(() => {
    if (cause === 'offline' && now && !before.current) retry();
    before.current = now;
  }, [now]);
}

/** The whole of a screen or section that could not be loaded: cause, and what to do. */
export function ErrorBox({ cause, retry }: { cause: Cause; retry: () => void }) {
  useReturn(cause, retry);
  return (
    <div class="empty" role="alert" data-testid="error">
      <Logo size={40} />
      <b>{t('error.title')}</b>
      <span class="sm t2">{t(causeKey(cause))}</span>
      <button type="button" class="btn s" onClick={retry}>{t('error.retry')}</button>
    </div>
  );
}
