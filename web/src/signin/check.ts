import type { Problem } from '../api/http.ts';
import { t } from '../i18n/index.ts';
import { tw } from '../people/strings.ts';
import { causeKey } from '../ui/error-box.tsx';

export type Field = 'name' | 'email' | 'code' | 'password';
export type Faults = Partial<Record<Field | 'form', string>>;

const inOrder: Field[] = ['name', 'email', 'code', 'password'];
const shortest = 10;
const longest = 128;
const codeDigits = 8;

export const looksLikeEmail = (s: string): boolean => /^\S+@\S+$/.test(s);

/** A code as people paste it: full-width, with spaces or dashes. */
export const codeOf = (typed: string): string => typed.normalize('NFKC').replace(/[\s-]/g, '');

export const emailFault = (email: string): string | undefined =>
  looksLikeEmail(email) ? undefined : t(email ? 'signin.emailBad' : 'signin.emailEmpty');

export const codeFault = (code: string): string | undefined =>
  new RegExp(`^\\d{${codeDigits}}$`).test(code) ? undefined : tw('code.form', { n: codeDigits });

export function passwordFault(password: string, fresh: boolean): string | undefined {
  if (!password) return t('signin.passwordEmpty');
  return fresh && password.length < shortest ? t('signin.passwordShort') : undefined;
}

/** Why the server would not have a password that is long enough for us. */
export function refusedPassword(password: string): string {
  const n = [...password].length;
  if (n < shortest) return t('signin.passwordShort');
  return tw(n > longest ? 'password.long' : 'password.weak');
}

export const slowText = (p: Problem): string => t('signin.slow', { n: Math.ceil((p.retryMs ?? 60_000) / 1000) });

/** What no field is to blame for. */
export const formFault = (p: Problem): string => (p.code === 'slow_down' ? slowText(p) : t(causeKey(p.code)));

/** Only what is wrong, and the first field that is. */
export function kept(found: Faults): { faults: Faults; first: Field | null } {
  const faults = Object.fromEntries(Object.entries(found).filter(([, text]) => text)) as Faults;
  return { faults, first: inOrder.find((f) => faults[f]) ?? null };
}
