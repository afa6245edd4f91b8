import { signal } from '@preact/signals';
import { asProblem, type Problem } from '../../api/http.ts';
import type { Ingest } from '../../api/types.ts';
import { getIngest, rotateIngest } from '../api.ts';

const shownMs = 120_000;

/** The address and key to broadcast with. They are asked for when wanted and forgotten after a while. */
export class KeysCtrl {
  readonly ingest = signal<Ingest | null>(null);
  readonly busy = signal(false);
  readonly failed = signal<Problem | null>(null);
  private readonly show: string;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(show: string) {
    this.show = show;
  }

  reveal(): Promise<boolean> {
    return this.ask(getIngest);
  }

  rotate(): Promise<boolean> {
    return this.ask(rotateIngest);
  }

  hide(): void {
    clearTimeout(this.timer);
    this.ingest.value = null;
  }

  private async ask(from: (show: string) => Promise<Ingest>): Promise<boolean> {
    if (this.busy.value) return false;
    this.busy.value = true;
    this.failed.value = null;
    try {
      this.ingest.value = await from(this.show);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.hide(), shownMs);
      return true;
    } catch (e) {
      this.failed.value = asProblem(e);
      return false;
    } finally {
      this.busy.value = false;
    }
  }
}
