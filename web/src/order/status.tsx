import type { Order } from '../api/buy.ts';
import { t } from '../shop/strings.ts';

const tones: Record<string, string> = {
  awaiting_payment: 'warn', preparing: 'info', shipped: 'info', at_store: 'ok', collected: 'ok', delivered: 'ok', completed: 'ok', returned: 'warn',
  refunding: 'warn',
};

export function StatusPill({ of }: { of: Order['status'] }) {
  return <span class={`pill ${tones[of] ?? ''}`} data-testid="order-status" data-status={of}>{t(`st.${of}`)}</span>;
}
