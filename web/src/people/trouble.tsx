import { useState } from 'preact/hooks';
import { session } from '../api/http.ts';
import { Icon } from '../ui/icon.tsx';
import { inAppOf } from '../ui/inapp.ts';
import { enter } from './enter.ts';
import { labelOf, offer } from './offer.ts';
import { OpenOutside } from './outside.tsx';
import { tw, type PeopleKey } from './strings.ts';

/** Why a way in did not work, as the address says. */
export interface Trouble {
  code: string;
  provider: string;
  /** What was wanted: to come in, or more as somebody who is in already. */
  purpose: 'login' | 'link' | 'proof';
}

const words: Record<string, PeopleKey> = {
  denied: 'trouble.denied',
  expired: 'trouble.expired',
  mismatch: 'trouble.mismatch',
  provider_down: 'trouble.down',
  taken: 'trouble.taken',
  wrong_account: 'trouble.wrong',
  unsupported: 'trouble.unsupported',
};

/** After these the same way may well work. */
const again = new Set(['denied', 'expired', 'mismatch', 'provider_down', 'failed']);

export function troubleIn(query: URLSearchParams): Trouble | null {
  const code = query.get('error');
  if (!code) return null;
  const provider = /^[a-z0-9_-]{1,32}$/.exec(query.get('provider') ?? '')?.[0] ?? '';
  const purpose = query.get('purpose');
  return { code, provider, purpose: purpose === 'link' || purpose === 'proof' ? purpose : 'login' };
}

/** What happened, then what to do. Nothing was lost: that is said as well. */
export function TroubleNote({ of, next }: { of: Trouble; next: string }) {
  const [busy, setBusy] = useState(false);
  const label = of.provider ? labelOf(of.provider) : tw('trouble.they');
  const offered = offer.value?.items.some((p) => p.name === of.provider) ?? false;
  const alone = of.code === 'mismatch' || session.value?.kind === 'account'; // else the same button stands right below
  const elsewhere = of.code === 'mismatch' && inAppOf(navigator.userAgent) !== null;
  function retry(): void {
    if (busy) return;
    setBusy(true);
    void enter({ name: of.provider }, { next, retry: of.code === 'mismatch' }).finally(() => setBusy(false));
  }
  return (
    <div class={`note trouble${of.code === 'denied' ? '' : ' bad'}`} role="alert" data-testid="signin-error" data-code={of.code}>
      <Icon name={of.code === 'denied' ? 'info' : 'warn'} size={18} />
      <div class="grow">
        <p>{tw(words[of.code] ?? 'trouble.failed', { label })}</p>
        {alone && offered && of.purpose === 'login' && again.has(of.code) && (
          <button type="button" class="btn s" data-testid="signin-retry" aria-disabled={busy} onClick={retry}>{tw(of.code === 'mismatch' ? 'trouble.retryHere' : 'trouble.retry', { label })}</button>
        )}
        {elsewhere && <OpenOutside path={next} draft="" hidden={[]} />}
      </div>
    </div>
  );
}
