import { ErrorBox } from '../../ui/error-box.tsx';
import { lazy } from '../../ui/lazy.tsx';

const states = { wait: () => <div class="screen-wait" />, fail: (retry: () => void) => <ErrorBox cause="code" retry={retry} /> };
const ready = (): Promise<void> => import('./strings.ts').then((s) => s.legalTextsReady());

/** Legal texts and privacy, with their strings, when somebody goes there. */
export const LegalTexts = lazy<Record<never, never>>(async () => {
  const [view] = await Promise.all([import('./view.tsx'), ready()]);
  return view.LegalTextsView;
}, states);

export const PrivacyDesk = lazy<Record<never, never>>(async () => {
  const [view] = await Promise.all([import('../privacy/view.tsx'), ready()]);
  return view.PrivacyView;
}, states);
