import { call } from '../../api/http.ts';
import type { Lang } from '../../i18n/index.ts';
import type { Doc } from '../../legal/api.ts';
import { shopSlug } from '../shops.ts';

export interface DocRow {
  doc: Doc;
  version: string;
  at: number | null;
  langs: Lang[];
  missing: Lang[];
  drafts: Lang[];
}

interface Words {
  title: string;
  body_md: string;
}

export interface DocText extends Words {
  lang: Lang;
  own: boolean;
  version: string;
  at: number | null;
  draft: (Words & { at: number }) | null;
  template: Words;
}

export interface DocWhole {
  doc: Doc;
  version: string;
  items: DocText[];
  marks: { mark: string; value: string | null }[];
  /** What came with the software is a version too: it has no time, language or author. */
  versions: { version: string; at: number | null; lang: Lang | null; by: string | null }[];
}

export const inShop = (): string => `?shop=${encodeURIComponent(shopSlug.value)}`;

export const listDocs = (): Promise<{ items: DocRow[] }> => call<{ items: DocRow[] }>('GET', `/staff/legal${inShop()}`);
export const getDoc = (doc: Doc): Promise<DocWhole> => call<DocWhole>('GET', `/staff/legal/${doc}${inShop()}`);
export const putDoc = (doc: Doc, body: Words & { lang: Lang; publish: boolean }): Promise<DocWhole> =>
  call<DocWhole>('PUT', `/staff/legal/${doc}${inShop()}`, { body });
