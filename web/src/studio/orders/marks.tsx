import { t } from '../strings.ts';
import type { OrderStatus, ParcelState, ReturnState } from './types.ts';

const tones: Partial<Record<OrderStatus, string>> = {
  awaiting_payment: 'warn', preparing: 'info', shipped: 'info', at_store: 'info', collected: 'ok', delivered: 'ok', completed: 'ok',
  returned: 'bad', refunding: 'warn',
};

/** Where an order is, in the words its buyer reads. */
export const StatusMark = ({ status }: { status: OrderStatus }) => <span class={`pill ${tones[status] ?? ''}`} data-testid="order-status" data-status={status}>{t(`order.${status}`)}</span>;

export const ParcelMark = ({ state }: { state: ParcelState }) => <span class={`pill ${state === 'returned' ? 'bad' : state === 'collected' || state === 'delivered' ? 'ok' : 'info'}`} data-testid="parcel-state" data-state={state}>{t(`parcel.${state}`)}</span>;

export const ReturnMark = ({ state }: { state: ReturnState }) => <span class={`pill ${state === 'asked' ? 'warn' : state === 'refunded' ? 'ok' : ''}`} data-testid="return-state" data-state={state}>{t(`return.${state}`)}</span>;
