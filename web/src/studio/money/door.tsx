import { ErrorBox } from '../../ui/error-box.tsx';
import { lazy } from '../../ui/lazy.tsx';

const states = { wait: () => <div class="screen-wait" />, fail: (retry: () => void) => <ErrorBox cause="code" retry={retry} /> };
const ready = (): Promise<void> => import('./strings.ts').then((s) => s.moneyReady());

/** The money pages and their strings, when somebody goes there. */
export const MoneyPage = lazy<{ tab: string }>(async () => {
  const [view] = await Promise.all([import('./view.tsx'), ready()]);
  return view.MoneyView;
}, states);

export const OnePayment = lazy<{ id: string }>(async () => {
  const [view] = await Promise.all([import('./one.tsx'), ready()]);
  return view.PaymentView;
}, states);

export const PaySettings = lazy<Record<never, never>>(async () => {
  const [view] = await Promise.all([import('./settings.tsx'), ready()]);
  return view.PaySettingsView;
}, states);
