import type { Claim, Head } from '../../api/sale.ts';
import type { Localized, Market } from '../../api/types.ts';

export type StaffClaim = Claim & { via: 'tap' | 'comment' | 'staff'; name: string; viewer_name?: string; message_id: string | null };

export interface ClaimPage {
  items: StaffClaim[];
  head: Head | null;
  next: number | null;
}

export interface ListingFields {
  product_id?: string;
  find?: string;
  new?: { title: Localized | string; prices: Partial<Record<Market, number>>; qty: number; image?: string | null };
  code?: string;
}

export interface DealFields {
  prices: Partial<Record<Market, number>>;
  quota: number;
  per_buyer_max: number;
  countdown_s: number;
  run_s: number;
  start: boolean;
}

/** What is asked about the selling, over the console. */
export type SalePanel =
  | { is: 'deal'; listing: string }
  | { is: 'assist'; message: string; name: string; text: string }
  | { is: 'listing'; listing: string }
  | null;
