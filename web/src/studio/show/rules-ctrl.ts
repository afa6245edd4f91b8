import { signal } from '@preact/signals';
import { asProblem, type Problem } from '../../api/http.ts';
import { endSanction, getWords, listSanctions, putWords } from '../api.ts';
import type { SanctionRow } from '../types.ts';
import { mostWords, tooLong, wordsOf } from './words.ts';

/** The slower parts of keeping order: blocked words, and who may not write. */
export class RulesCtrl {
  readonly words = signal<string[] | null>(null);
  readonly text = signal('');
  readonly saved = signal(false);
  readonly busy = signal(false);
  readonly sanctions = signal<SanctionRow[] | null>(null);
  readonly failed = signal<Problem | null>(null);
  private readonly show: string;

  constructor(show: string) {
    this.show = show;
  }

  async load(): Promise<void> {
    try {
      const [words, sanctions] = await Promise.all([getWords(this.show), listSanctions(this.show)]);
      this.took(words.words);
      this.sanctions.value = sanctions.items;
      this.failed.value = null;
    } catch (e) {
      this.failed.value = asProblem(e);
    }
  }

  write(text: string): void {
    this.text.value = text;
    this.saved.value = false;
  }

  /** What keeps the list from being saved, or null. */
  get fault(): { is: 'tooMany' } | { is: 'tooLong'; word: string } | null {
    const words = wordsOf(this.text.value);
    const long = tooLong(words);
    if (long !== null) return { is: 'tooLong', word: long };
    return words.length > mostWords ? { is: 'tooMany' } : null;
  }

  async save(): Promise<void> {
    if (this.busy.value || this.fault) return;
    this.busy.value = true;
    try {
      this.took((await putWords(this.show, wordsOf(this.text.value))).words);
      this.saved.value = true;
      this.failed.value = null;
    } catch (e) {
      this.failed.value = asProblem(e);
    } finally {
      this.busy.value = false;
    }
  }

  async release(id: string): Promise<void> {
    const before = this.sanctions.value;
    this.sanctions.value = before?.filter((s) => s.id !== id) ?? null;
    try {
      await endSanction(id);
    } catch (e) {
      this.sanctions.value = before;
      this.failed.value = asProblem(e);
    }
  }

  private took(words: string[]): void {
    this.words.value = words;
    this.text.value = words.join('\n');
  }
}
