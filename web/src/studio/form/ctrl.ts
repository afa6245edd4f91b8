import { computed, signal } from '@preact/signals';
import { asProblem, session, type Problem } from '../../api/http.ts';
import { getShow } from '../../api/shows.ts';
import type { Show } from '../../api/types.ts';
import { serverNow } from '../../ui/clock.ts';
import { createShow, listCovers, patchShow } from '../api.ts';
import { mayRun } from '../roles.ts';
import type { Cover } from '../types.ts';
import { PictureCtrl } from '../products/ctrl.ts';
import { blank, changes, draftOf, faultsOf, fields, merge, type Clash, type Draft, type Faults, type Field } from './draft.ts';

const mostTries = 3;

/** Built-in covers, asked for once. */
export const covers = signal<Cover[]>([]);

export async function loadCovers(): Promise<void> {
  if (covers.value.length > 0) return;
  covers.value = (await listCovers()).items;
}

/** One form: a new show, or an edit of a known one that others may be editing too. */
export class FormCtrl {
  readonly draft = signal<Draft>(blank('', ''));
  readonly faults = signal<Faults>({});
  readonly busy = signal(false);
  readonly failed = signal<Problem | null>(null);
  /** What someone else changed in the meantime, differently from us. */
  readonly clashes = signal<Clash[]>([]);
  /** Fields that someone else changed and that were taken over without asking. */
  readonly taken = signal<Field[]>([]);
  readonly shop = signal<string>('');
  /** A cover of the shop's own: on its way up, or there. */
  readonly picture = new PictureCtrl('cover', () => this.shop.value || null);
  readonly dirty = computed(() => fields.some((f) => this.draft.value[f] !== this.start[f]));

  private base: Draft | null = null;
  private start: Draft;
  private show: Show | null;

  constructor(show: Show | null) {
    this.show = show;
    const first = session.value?.staff.find((s) => mayRun(s.role));
    this.shop.value = show?.shop.id ?? first?.shop.id ?? '';
    this.base = show ? draftOf(show) : null;
    this.start = this.base ?? blank(session.value?.viewer?.name ?? '', 'tw-bag');
    this.draft.value = this.start;
  }

  get isNew(): boolean {
    return this.show === null;
  }

  set(field: Field, value: string): void {
    this.draft.value = { ...this.draft.value, [field]: value };
    if (!this.faults.value[field]) return;
    const { [field]: _, ...rest } = this.faults.value;
    this.faults.value = rest;
  }

  /** The picture of a cover that is not one of the built-in ones: the one just sent up, or the show's own. */
  ownCover(): { id: string; url: string } | null {
    const sent = this.picture.file.value;
    if (sent) return { id: sent.id, url: this.picture.preview.value ?? sent.sizes?.['480'] ?? sent.url ?? '' };
    const had = this.show?.cover;
    return had?.id.startsWith('fil_') ? { id: had.id, url: had.url } : null;
  }

  async upload(f: File): Promise<void> {
    await this.picture.choose(f);
    const sent = this.picture.file.value;
    if (sent) this.set('cover', sent.id);
  }

  /** A clash settled in their favour or ours. */
  settle(field: Field, theirs: boolean): void {
    const clash = this.clashes.value.find((c) => c.field === field);
    if (!clash) return;
    if (theirs) this.set(field, clash.theirs);
    this.clashes.value = this.clashes.value.filter((c) => c.field !== field);
  }

  /** Saves; null when something must be put right first. */
  async save(): Promise<Show | null> {
    if (this.busy.value || this.clashes.value.length > 0) return null;
    this.failed.value = null;
    this.faults.value = faultsOf(this.base, this.draft.value, serverNow());
    if (Object.keys(this.faults.value).length > 0) return null;
    this.busy.value = true;
    await this.picture.settled();
    try {
      return this.show ? await this.update(this.show) : await this.create();
    } catch (e) {
      this.failed.value = asProblem(e);
      return null;
    } finally {
      this.busy.value = false;
    }
  }

  private create(): Promise<Show> {
    return createShow({ ...changes(null, this.draft.value), ...(this.shop.value ? { shop: this.shop.value } : {}) });
  }

  private async update(from: Show): Promise<Show | null> {
    let show = from;
    for (let tries = 0; tries < mostTries; tries += 1) {
      const body = changes(this.base, this.draft.value);
      if (show.state === 'draft' && this.draft.value.starts !== '') body.state = 'scheduled';
      if (Object.keys(body).length === 0) return show;
      try {
        return this.took(await patchShow(show.id, show.version ?? 0, body));
      } catch (e) {
        const p = asProblem(e);
        if (p.code !== 'precondition_failed' && p.code !== 'conflict') throw p;
      }
      show = await getShow(show.id);
      if (!this.rebase(show)) return null;
    }
    return null;
  }

  private took(show: Show): Show {
    this.show = show;
    this.base = draftOf(show);
    this.start = this.base;
    this.draft.value = { ...this.base };
    return show;
  }

  /** Takes in what others saved; true when nothing is left to settle. */
  private rebase(show: Show): boolean {
    const theirs = draftOf(show);
    const { merged, clashes, taken } = merge(this.base ?? theirs, this.draft.value, theirs);
    this.show = show;
    this.base = theirs;
    this.draft.value = merged;
    this.clashes.value = clashes;
    this.taken.value = taken;
    return clashes.length === 0;
  }
}
