import type { Problem } from '../api/http.ts';
import { t as common } from '../i18n/index.ts';
import { causeKey } from '../ui/error-box.tsx';
import { toast } from '../ui/toast.tsx';
import { t } from './strings.ts';

/** Why something did not work, in words that lead on. */
export function problemText(p: Problem): string {
  switch (p.code) {
    case 'forbidden':
      return t('fail.forbidden');
    case 'conflict':
    case 'invalid_transition':
    case 'precondition_failed':
      return t('fail.moved');
    case 'upstream':
      return t('fail.upstream');
    case 'input':
      return t('fail.input');
    default:
      return common(causeKey(p.code));
  }
}

/** Copies, or says that it could not: the clipboard may be refused. */
export async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(done, 'ok');
  } catch {
    toast(t('copy.failed'), 'bad');
  }
}

export const roomUrl = (show: string): string => `${location.origin}/s/${show}`;
