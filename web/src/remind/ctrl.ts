import { computed, signal } from '@preact/signals';
import { asProblem, call, session } from '../api/http.ts';
import { lookAtPush, permission, pushState, turnOnPush, type PushState } from '../push/index.ts';
import type { AppKey } from '../pwa/strings.ts';

/** What is set for me, and what could be. */
interface Reminder {
  push: boolean;
  email: boolean;
  can_push: boolean;
  can_email: boolean;
}

/** Why there is no reminder by message: the calendar is what is left. */
export type Refusal = 'denied' | 'unsupported' | 'install' | 'calendar' | 'failed';

const none: Reminder = { push: false, email: false, can_push: false, can_email: false };
const why: Partial<Record<PushState, Refusal>> = { denied: 'denied', install: 'install', off: 'calendar', default: 'failed' };

/** One show's reminder: by message to this browser, else by mail, else by the calendar. */
export class RemindCtrl {
  readonly got = signal<Reminder | null>(null);
  readonly busy = signal(false);
  readonly refused = signal<Refusal | null>(null);
  readonly on = computed(() => this.got.value?.push === true || this.got.value?.email === true);
  /** The one line under the button. */
  readonly says = computed<AppKey | null>(() => {
    if (this.refused.value) return `remind.${this.refused.value}`;
    if (!this.on.value) return null;
    return this.got.value?.push ? 'remind.byPush' : 'remind.byMail';
  });

  private readonly path: string;

  constructor(show: string) {
    this.path = `/shows/${show}/reminders`;
  }

  /** How it stands. Who has no name here has set nothing. */
  async look(): Promise<void> {
    if (!session.peek()?.viewer) {
      this.got.value = none;
      return;
    }
    this.got.value = await call<Reminder>('GET', this.path).catch(() => this.got.peek());
  }

  /** The button: on or off. */
  async press(): Promise<void> {
    if (this.busy.value) return;
    this.busy.value = true;
    this.refused.value = null;
    try {
      if (this.on.value) await this.drop();
      else await this.set();
    } catch (e) {
      this.refused.value = asProblem(e).code === 'conflict' ? 'unsupported' : 'failed';
    } finally {
      this.busy.value = false;
    }
  }

  private async drop(): Promise<void> {
    await call<void>('DELETE', this.path);
    this.got.value = { ...(this.got.value ?? none), push: false, email: false };
  }

  private async set(): Promise<void> {
    // Asked before anything is awaited: the browser lets a page ask only while the tap lasts.
    const state = pushState.value === 'off' ? 'off' : await turnOnPush();
    if (state === 'granted') {
      this.got.value = await call<Reminder>('POST', this.path, { body: { push: true } });
      return;
    }
    await this.look();
    if (this.got.value?.can_email) this.got.value = await call<Reminder>('POST', this.path, { body: { email: true } });
    else this.refused.value = why[state] ?? 'unsupported';
  }
}

/** What can be known before a tap, so that nobody is asked for what the server cannot do. */
export function prepare(): void {
  if (permission() === 'default' && pushState.peek() === 'unknown') void lookAtPush();
}
