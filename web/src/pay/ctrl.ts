import { computed, signal } from '@preact/signals';
import { getOrder, type Order } from '../api/buy.ts';
import { actKey, asProblem, type Problem, type ProblemCode } from '../api/http.ts';
import { getPayment, startPayment, type Next, type Payment, type Started } from '../api/pay.ts';
import { lang } from '../i18n/index.ts';
import { nowMs, serverNow } from '../ui/clock.ts';
import { inAppOf, type InApp } from '../ui/inapp.ts';
import { askCard } from './card.ts';
import { tp } from './strings.ts';
import { endOf, isOpen, leaves, platformOf, shows } from './ways.ts';

/** Why the buyer stands before the choice again. */
export type Trouble =
  | { is: 'failed'; code: string | null }
  | { is: 'expired' }
  /** Came back from the gateway, and nothing is known. */
  | { is: 'back' }
  | { is: 'down'; until: number }
  /** Asked, and no answer came: asking again asks for the same. */
  | { is: 'lost' }
  | { is: 'refused' }
  /** The card form did not come. */
  | { is: 'form' };

export type Step =
  | { is: 'loading' | 'settled' | 'choose' | 'asking' | 'card' }
  | { is: 'error'; cause: ProblemCode }
  | { is: 'inapp'; app: InApp; method: string }
  | { is: 'away'; next: Extract<Next, { kind: 'form' | 'redirect' }> }
  | { is: 'show' | 'wait'; payment: Payment };

const pollMs = 1500;
/** After this long nobody looks at the page all the time: the bank is slow, or the buyer gone. */
const eagerMs = 20 * 60_000;
const slowPollMs = 6000;
/** A bank that has not answered by then may take minutes. */
export const waitMs = 60_000;
const downMs = 15_000;

/** How long a gateway that does not answer is left alone. */
function downFor(p: Problem): number {
  const after = p.doc['retry_after'];
  return typeof after === 'number' && after > 0 ? after * 1000 : (p.retryMs ?? downMs);
}

/** The way from "pay" to "paid": one order, one try after another. */
export class PayCtrl {
  readonly order = signal<Order | null>(null);
  readonly step = signal<Step>({ is: 'loading' });
  readonly trouble = signal<Trouble | null>(null);
  readonly method = signal('');
  /** The last look was in vain: no connection. The page goes on looking. */
  readonly blind = signal(false);
  readonly since = signal(serverNow());
  readonly overdue = computed(() => nowMs.value - this.since.value > waitMs);
  readonly expired = computed(() => {
    const s = this.step.value;
    if (s.is !== 'show') return false;
    const end = endOf(s.payment);
    return s.payment.state === 'expired' || (end !== null && end <= nowMs.value);
  });

  readonly no: string;
  readonly secret: string | null;
  /** Begins at once with this way. */
  private go: string | null;
  private readonly app: InApp;
  private stays = false;
  private readonly keys = new Map<string, string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private readonly off = new AbortController();

  constructor(no: string, secret: string | null, go: string | null = null, agent: string = navigator.userAgent) {
    this.no = no;
    this.secret = secret;
    this.go = go;
    const app = inAppOf(agent);
    this.app = app === 'webview' ? null : app; // an app without a name has no menu to tell of
  }

  open(): void {
    const on = { signal: this.off.signal };
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.look(0);
    }, on);
    addEventListener('online', () => this.look(0), on);
    // Back from the gateway into a page that was kept: it stands as it was left.
    addEventListener('pageshow', (e) => {
      if (e.persisted && this.step.value.is === 'away') void this.load({ is: 'back' });
    }, on);
    void this.load();
  }

  close(): void {
    this.closed = true;
    this.off.abort();
    clearTimeout(this.timer);
  }

  /** Reads the order, and goes on where it stands. */
  async load(why: Trouble | null = null): Promise<void> {
    try {
      const o = await getOrder(this.no, this.secret);
      if (this.closed) return;
      this.order.value = o;
      if (why) this.trouble.value = why;
      this.resume(o);
    } catch (e) {
      if (!this.closed && !this.order.value) this.step.value = { is: 'error', cause: asProblem(e).code };
    }
  }

  /** Another way, while one is open: that one stays payable, and whichever comes first counts. */
  choose(): void {
    this.trouble.value = null;
    this.to({ is: 'choose' });
    if (this.watched) this.later(this.watched);
  }

  /** Pays here although the app around this page may lose it. */
  stay(method: string): Promise<void> {
    this.stays = true;
    return this.begin(method);
  }

  async begin(method: string): Promise<void> {
    const o = this.order.value;
    const { is } = this.step.value;
    if (!o || is === 'asking' || is === 'card') return;
    this.method.value = method;
    this.trouble.value = null;
    const way = o.pay_methods?.find((m) => m.id === method);
    if (way && this.app && !this.stays && leaves(way)) {
      this.to({ is: 'inapp', app: this.app, method });
      return;
    }
    if (method !== 'omise_card') {
      await this.ask(method, null);
      return;
    }
    this.to({ is: 'card' });
    try {
      const token = await askCard({ shop: o.shop, amount: o.total, lang: lang.value, submit: tp('go') });
      if (this.closed) return;
      if (token) await this.ask(method, token);
      else this.to({ is: 'choose' });
    } catch {
      if (!this.closed) this.fail({ is: 'form' });
    }
  }

  private async ask(method: string, token: string | null): Promise<void> {
    this.to({ is: 'asking' });
    const key = this.keys.get(method) ?? actKey();
    this.keys.set(method, key);
    try {
      const got = await startPayment(this.no, this.secret, { method, platform: platformOf(navigator.userAgent), ...(token ? { token } : {}) }, key);
      this.keys.delete(method);
      if (!this.closed) this.take(got);
    } catch (e) {
      if (!this.closed) this.wrong(asProblem(e), method);
    }
  }

  private wrong(p: Problem, method: string): void {
    switch (p.code) {
      case 'invalid_transition':
      case 'conflict':
      case 'not_found':
        this.keys.delete(method);
        void this.load({ is: 'refused' });
        return;
      case 'pay_down':
        this.fail({ is: 'down', until: serverNow() + downFor(p) });
        return;
      case 'input':
      case 'forbidden':
        this.keys.delete(method);
        this.fail({ is: 'refused' });
        return;
      default:
        this.fail({ is: 'lost' });
    }
  }

  private fail(why: Trouble): void {
    this.trouble.value = why;
    this.to({ is: 'choose' });
  }

  private take({ payment, next }: Started): void {
    this.since.value = serverNow();
    if (!isOpen(payment)) this.ended(payment);
    else if (next.kind === 'form' || next.kind === 'redirect') this.to({ is: 'away', next });
    else if (next.kind === 'qr') this.watch({ ...payment, details: { ...payment.details, qr: next.image, expires_at: next.expires_at } });
    else this.watch(payment);
  }

  private resume(o: Order): void {
    if (!o.can.pay) {
      this.to({ is: 'settled' });
      return;
    }
    const tries = o.payments;
    const { go } = this;
    this.go = null;
    if (go) {
      void this.begin(o.pay_methods?.some((m) => m.id === go) ? go : o.pay_method);
      return;
    }
    const last = tries.find(isOpen);
    this.method.value = tries[0]?.method ?? o.pay_method;
    if (last && shows(last) && this.trouble.value?.is !== 'back') {
      this.watch(last);
      return;
    }
    const [newest] = tries;
    if (!this.trouble.value && newest) {
      if (newest.state === 'failed') this.trouble.value = { is: 'failed', code: newest.fail_code };
      else if (newest.state === 'expired') this.trouble.value = { is: 'expired' };
      else if (isOpen(newest)) this.trouble.value = { is: 'back' };
    }
    this.to({ is: 'choose' });
    if (last) this.later(last.id);
  }

  private watch(payment: Payment): void {
    this.to({ is: shows(payment) ? 'show' : 'wait', payment });
    this.later(payment.id);
  }

  private ended(p: Payment): void {
    if (p.state === 'failed') this.fail({ is: 'failed', code: p.fail_code });
    else if (p.state === 'expired') this.fail({ is: 'expired' });
    else this.to({ is: 'settled' });
  }

  private to(s: Step): void {
    clearTimeout(this.timer);
    this.step.value = s;
  }

  private watched: string | null = null;

  private later(id: string): void {
    this.watched = id;
    this.look(serverNow() - this.since.value > eagerMs ? slowPollMs : pollMs);
  }

  /** Looks at the payment that is watched, in a while or now. */
  private look(inMs: number): void {
    const id = this.watched;
    const { is } = this.step.value;
    if (!id || this.closed || (is !== 'show' && is !== 'wait' && is !== 'choose')) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (document.hidden) return; // looked at again when the page is
      getPayment(id, this.secret).then((p) => this.news(p), () => {
        this.blind.value = true;
        this.look(pollMs * 2);
      });
    }, inMs);
  }

  private news(p: Payment & { order_state: string }): void {
    if (this.closed || this.watched !== p.id) return;
    this.blind.value = false;
    const s = this.step.value;
    if (p.order_state !== 'awaiting_payment' || p.counts) {
      this.to({ is: 'settled' });
      return;
    }
    if (s.is === 'choose') {
      if (isOpen(p)) this.later(p.id);
      else if (p.state === 'failed') this.trouble.value = { is: 'failed', code: p.fail_code };
      return;
    }
    if (s.is !== 'show' && s.is !== 'wait') return;
    if (p.state === 'failed') {
      this.ended(p);
      return;
    }
    if (s.is === 'wait' && p.state === 'expired') {
      this.fail({ is: 'expired' });
      return;
    }
    // Begun before, but the answer was lost: now it is known where to go on.
    if (s.is === 'wait' && p.details.url && isOpen(p)) {
      this.to({ is: 'away', next: { kind: 'redirect', url: p.details.url } });
      return;
    }
    // What has ended may still be paid late, so looking goes on.
    this.step.value = { is: s.is === 'show' || shows(p) ? 'show' : 'wait', payment: { ...p, details: { ...s.payment.details, ...p.details } } };
    this.later(p.id);
  }
}
