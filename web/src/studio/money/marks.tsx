import { m } from './strings.ts';
import type { PaymentState, RefundState } from './types.ts';

const payTones: Partial<Record<PaymentState, string>> = {
  paid: 'ok', collected: 'ok', settled: 'ok', pending: 'info', created: '', failed: '', expired: '', part_refunded: 'warn', orphaned: 'bad', refused: 'bad',
};
const refundTones: Record<RefundState, string> = { queued: 'warn', sent: 'info', done: 'ok', failed: 'bad' };

export const PayMark = ({ state }: { state: PaymentState }) => <span class={`pill ${payTones[state] ?? ''}`} data-testid="payment-state" data-state={state}>{m(`pay.${state}`)}</span>;

export const RefundMark = ({ state }: { state: RefundState }) => <span class={`pill ${refundTones[state]}`} data-testid="refund-state" data-state={state}>{m(`refund.${state}`)}</span>;

const methods = new Set([
  'cod', 'ecpay_card', 'ecpay_installment', 'ecpay_applepay', 'ecpay_atm', 'ecpay_cvs', 'ecpay_barcode', 'ecpay_webatm', 'ecpay_twqr', 'omise_promptpay', 'omise_card', 'omise_truemoney',
  'omise_mobile_kbank', 'omise_mobile_scb', 'omise_mobile_bbl', 'omise_mobile_bay', 'omise_mobile_ktb', 'omise_shopeepay', 'omise_linepay',
]);
/** A way to pay in words; one that this page does not know by its own name. */
export const methodText = (id: string): string => (methods.has(id) ? m(`method.${id}` as 'method.cod') : id);

const reasons = new Set(['orphan_double', 'orphan_late', 'orphan_cancelled', 'orphan_amount', 'double', 'late', 'cancelled', 'wrong_amount']);
/** Why money goes back: ours are words of the program, staff write their own. */
export const reasonText = (why: string): string => (reasons.has(why) ? m(`why.${why.replace('orphan_', '').replace('wrong_', '')}` as 'why.double') : why);

const fails = new Set(['declined', 'no_funds', 'lost_card', 'bad_card', 'bad_code', 'three_d', 'fraud', 'cancelled', 'timeout', 'limit', 'method', 'provider']);
export const failText = (code: string): string => (fails.has(code) ? m(`fail.${code}` as 'fail.declined') : code);

const accounts = new Set(['carrier', 'bank', 'orders', 'orphans', 'refunds_due']);
export function accountText(account: string): string {
  const [kind, provider] = account.split(':');
  if (kind === 'gateway') return m('account.gateway', { name: m(`provider.${provider}` as 'provider.ecpay') });
  return accounts.has(account) ? m(`account.${account}` as 'account.bank') : account;
}

const kinds = new Set(['paid', 'paid_late', 'orphan_double', 'orphan_late', 'orphan_cancelled', 'orphan_amount', 'refund_queued', 'refund_failed', 'refund_done', 'cod_collected', 'cod_settled']);
export const kindText = (kind: string): string => (kinds.has(kind) ? m(`kind.${kind}` as 'kind.paid') : kind);
