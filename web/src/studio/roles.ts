import type { Role, Session } from '../api/types.ts';

const runs = new Set<Role>(['owner', 'manager', 'host', 'admin']);
const archives = new Set<Role>(['owner', 'admin']);

/** What someone is in a shop; the server decides again on every call. */
export const roleIn = (s: Session | null, shop: string): Role | null =>
  s?.staff.find((x) => x.shop.id === shop)?.role ?? null;

/** Makes shows, sees keys, goes live, ends. */
export const mayRun = (r: Role | null): boolean => r !== null && runs.has(r);
export const mayModerate = (r: Role | null): boolean => r === 'moderator' || mayRun(r);
export const mayArchive = (r: Role | null): boolean => r !== null && archives.has(r);
const packs = new Set<Role>(['owner', 'manager', 'packer', 'admin']);
const refunds = new Set<Role>(['owner', 'manager', 'admin']);
/** Packs and sends. */
export const mayPack = (r: Role | null): boolean => r !== null && packs.has(r);
/** Gives money back, calls orders off. */
export const mayRefund = (r: Role | null): boolean => r !== null && refunds.has(r);
