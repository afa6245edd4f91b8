import { getPaySetup } from '../api/pay.ts';
import type { Money } from '../api/sale.ts';
import type { Lang } from '../i18n/area.ts';

/** What of Omise.js we use: its own card form, in a frame of its own that our page cannot read. */
interface OmiseCard {
  configure(config: Record<string, unknown>): void;
  open(config: Record<string, unknown>): void;
}

declare global {
  interface Window {
    OmiseCard?: OmiseCard;
  }
}

let loading: Promise<OmiseCard> | null = null;

/** Fetched when a card is about to be used and never before; once, and again after a failure. */
function loadOmise(src: string): Promise<OmiseCard> {
  loading ??= new Promise<OmiseCard>((done, fail) => {
    const script = document.createElement('script');
    script.src = src;
    script.addEventListener('load', () => (window.OmiseCard ? done(window.OmiseCard) : fail(new Error('card form: no OmiseCard'))));
    script.addEventListener('error', () => {
      script.remove();
      fail(new Error('card form: not loaded'));
    });
    document.head.append(script);
  }).catch((e: unknown) => {
    loading = null;
    throw e;
  });
  return loading;
}

export interface CardAsk {
  shop: { slug: string; name: string };
  amount: Money;
  lang: Lang;
  submit: string;
}

/** Lets the buyer type a card into the gateway's form. Null: it was closed without one. Throws when the form does not come. */
export async function askCard(ask: CardAsk): Promise<string | null> {
  const { omise } = await getPaySetup(ask.shop.slug);
  if (!omise) throw new Error('card form: no key');
  const form = await loadOmise(omise.script);
  form.configure({ publicKey: omise.public_key });
  return new Promise((done) => {
    form.open({
      amount: ask.amount.amount, currency: ask.amount.currency, defaultPaymentMethod: 'credit_card', otherPaymentMethods: [],
      frameLabel: ask.shop.name, submitLabel: ask.submit, locale: ask.lang === 'th' ? 'th' : 'en',
      onCreateTokenSuccess: (token: string) => done(token),
      onFormClosed: () => done(null), // also called after a success: then it says nothing new
    });
  });
}
