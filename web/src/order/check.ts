import { useEffect, useState } from 'preact/hooks';
import type { Order } from '../api/buy.ts';
import { getPayment, type Payment } from '../api/pay.ts';
import { isOpen, shows } from '../pay/ways.ts';
import { serverNow } from '../ui/clock.ts';

const pollMs = 1500;
const slowMs = 5000;
/** A bank that has not answered by then may take minutes. */
const enoughMs = 60_000;
/** A try that began longer ago than this is not one that somebody has just come back from. */
const recentMs = 15 * 60_000;

export type Check = 'none' | 'checking' | 'late';

/** The try whose result is on its way: the buyer has come back from a bank, or has another tab there. */
function awaited(o: Order | null, back: string | null): Payment | null {
  if (!o?.can.pay) return null;
  const tries = o.payments.filter((p) => isOpen(p) && !shows(p));
  return tries.find((p) => p.id === back) ?? tries.find((p) => serverNow() - p.created_at < recentMs) ?? null;
}

/** Looks at a payment that is under way, closely for a minute; only reads. `back`: the one just come back from. */
export function useCheck(o: Order | null, back: string | null, secret: string | null, reread: () => void): Check {
  const id = awaited(o, back)?.id ?? null;
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!id) return undefined;
    setLate(false);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const from = Date.now();
    const look = (): void => {
      const slow = Date.now() - from > enoughMs;
      if (slow) setLate(true);
      const again = (): void => {
        timer = setTimeout(look, slow ? slowMs : pollMs);
      };
      if (document.hidden) again();
      else {
        getPayment(id, secret).then((p) => {
          if (!isOpen(p) || p.counts || p.order_state !== 'awaiting_payment') reread();
          again();
        }, again);
      }
    };
    timer = setTimeout(look, pollMs);
    return () => clearTimeout(timer);
  }, [id, secret, reread]);
  if (!id) return 'none';
  return late ? 'late' : 'checking';
}
