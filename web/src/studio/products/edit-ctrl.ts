import { computed, signal } from '@preact/signals';
import { asProblem, type Problem } from '../../api/http.ts';
import { langs, type Lang } from '../../i18n/area.ts';
import { shop, shopSlug } from '../shops.ts';
import { createProduct, deleteProduct, getProduct, listCategories, patchProduct } from './api.ts';
import { PictureCtrl } from './ctrl.ts';
import { combinations, faultsOf, fieldsOf, mostVariants, optionText, parseOption, regrid, rowsOf, type Fault, type OptionDraft, type Row } from './grid.ts';
import type { Category, Exempt, Media, Product, ProductFields, Status } from './types.ts';

export type Tongue = Lang;

interface Draft {
  title: Record<Tongue, string>;
  body: Record<Tongue, string>;
  status: Status;
  exempt: Exempt;
  category: string;
  media: Media[];
  options: OptionDraft[];
  rows: Row[];
}

const words = (of: Partial<Record<Tongue, string>>): Record<Tongue, string> => Object.fromEntries(langs.map((l) => [l, of[l] ?? ''])) as Record<Tongue, string>;

const blank = (): Draft => ({
  title: words({}), body: words({}),
  status: 'active', exempt: 'none', category: '', media: [], options: [],
  rows: [{ id: null, options: [], sku: '', twd: '', thb: '', stock: '0', active: true }],
});

const draftOf = (p: Product): Draft => ({
  title: words(p.title), body: words(p.body), status: p.status, exempt: p.exempt, category: p.category ?? '',
  media: p.media, options: p.options.map(optionText), rows: rowsOf(p),
});

const filled = (of: Record<Tongue, string>): Partial<Record<Tongue, string>> =>
  Object.fromEntries(Object.entries(of).map(([k, v]) => [k, v.trim()]).filter(([, v]) => v));

/** One product in the editor, with all of its variants. */
export class EditCtrl {
  readonly product = signal<Product | null>(null);
  readonly draft = signal<Draft>(blank());
  readonly loading = signal<Problem | null>(null);
  readonly failed = signal<Problem | null>(null);
  readonly busy = signal(false);
  readonly noTitle = signal(false);
  readonly faults = signal<Partial<Record<string, Fault>>>({});
  readonly categories = signal<Category[]>([]);
  readonly picture = new PictureCtrl('product', () => shop.value?.shop.id ?? null);
  readonly tooMany = computed(() => combinations(this.draft.value.options.map(parseOption)).length > mostVariants);

  private readonly id: string | null;
  private start = JSON.stringify(blank());
  readonly dirty = computed(() => JSON.stringify(this.draft.value) !== this.start);

  constructor(id: string | null) {
    this.id = id;
  }

  async load(): Promise<void> {
    void listCategories(shopSlug.value).then((c) => { this.categories.value = c.items; }, () => undefined);
    if (!this.id) return;
    this.loading.value = null;
    try {
      this.took(await getProduct(this.id));
    } catch (e) {
      this.loading.value = asProblem(e);
    }
  }

  took(p: Product): void {
    this.product.value = p;
    const next = draftOf(p);
    this.start = JSON.stringify(next);
    this.draft.value = next;
  }

  /** New numbers of stock, and nothing else: what is being typed stays. */
  tookStock(p: Product): void {
    this.product.value = p;
    const total = new Map(p.variants.map((v) => [v.id, String(v.stock_total)]));
    const rows = this.draft.value.rows.map((r) => ({ ...r, stock: (r.id && total.get(r.id)) || r.stock }));
    this.draft.value = { ...this.draft.value, rows };
  }

  set(change: Partial<Draft>): void {
    this.draft.value = { ...this.draft.value, ...change };
  }

  setOption(i: number, change: Partial<OptionDraft>): void {
    const options = this.draft.value.options.map((o, n) => (n === i ? { ...o, ...change } : o));
    this.set({ options, rows: regrid(this.draft.value.rows, options.map(parseOption)) });
  }

  addOption(): void {
    this.set({ options: [...this.draft.value.options, { name: '', values: '' }] });
  }

  dropOption(i: number): void {
    const options = this.draft.value.options.filter((_, n) => n !== i);
    this.set({ options, rows: regrid(this.draft.value.rows, options.map(parseOption)) });
  }

  setRow(i: number, change: Partial<Row>): void {
    this.set({ rows: this.draft.value.rows.map((r, n) => (n === i ? { ...r, ...change } : r)) });
  }

  async addPicture(f: File): Promise<void> {
    await this.picture.choose(f);
    const got = this.picture.file.value;
    if (!got?.sizes || !got.url) return;
    this.set({ media: [...this.draft.value.media, { id: got.id, builtin: null, url: got.url, sizes: got.sizes }] });
    this.picture.clear();
  }

  moveMedia(i: number, by: -1 | 1): void {
    const media = [...this.draft.value.media];
    const [one] = media.splice(i, 1);
    if (one) media.splice(i + by, 0, one);
    this.set({ media });
  }

  dropMedia(i: number): void {
    this.set({ media: this.draft.value.media.filter((_, n) => n !== i) });
  }

  private check(): boolean {
    const d = this.draft.value;
    this.noTitle.value = Object.keys(filled(d.title)).length === 0;
    const faults: Partial<Record<string, Fault>> = {};
    d.rows.forEach((r, i) => {
      for (const [k, f] of Object.entries(faultsOf(r))) faults[`${i}-${k}`] = f;
    });
    this.faults.value = faults;
    return !this.noTitle.value && Object.keys(faults).length === 0 && !this.tooMany.value;
  }

  private fields(): ProductFields {
    const d = this.draft.value;
    const options = d.options.map(parseOption).filter((o) => o.values.length > 0);
    return {
      title: filled(d.title), body: filled(d.body), status: d.status, exempt: d.exempt, category: d.category || null,
      media: d.media.map((m) => m.id ?? m.builtin ?? '').filter(Boolean), options, variants: fieldsOf(d.rows),
    };
  }

  /** The product as it now is; null when something is to be put right first. */
  async save(): Promise<Product | null> {
    if (this.busy.value || !this.check()) return null;
    this.busy.value = true;
    this.failed.value = null;
    try {
      const was = this.product.value;
      const saved = was ? await patchProduct(was.id, was.version, this.fields()) : await createProduct(shopSlug.value, this.fields());
      this.took(saved);
      return saved;
    } catch (e) {
      this.failed.value = asProblem(e);
      return null;
    } finally {
      this.busy.value = false;
    }
  }

  async remove(): Promise<boolean> {
    const was = this.product.value;
    if (!was || this.busy.value) return false;
    this.busy.value = true;
    try {
      await deleteProduct(was.id, was.version);
      return true;
    } catch (e) {
      this.failed.value = asProblem(e);
      return false;
    } finally {
      this.busy.value = false;
    }
  }
}
