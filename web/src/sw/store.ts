import { isAsset } from './route.ts';

const shellName = 'nm-shell-';
export const usedName = 'nm-used';
/** Parts of the app fetched when first used; the oldest go first. */
const mostUsed = 150;
/** This version's files, and those of the one before: an open tab of it may still ask for them. */
const versionsKept = 2;

export const cacheOf = (version: string): string => shellName + version;

/** Caches to drop when `now` takes over; `all` in the order in which they were made. */
export function stale(all: readonly string[], now: string): string[] {
  const shells = all.filter((n) => n.startsWith(shellName) && n !== now);
  return shells.slice(0, Math.max(0, shells.length - (versionsKept - 1)));
}

/** Takes one file in: a hashed one from an older version's cache if it lies there. */
async function take(into: Cache, path: string): Promise<void> {
  const have = isAsset(path) ? await caches.match(path) : undefined;
  const got = have ?? (await fetch(path, { cache: isAsset(path) ? 'default' : 'reload', credentials: 'omit' }));
  if (!got.ok) throw new Error(`${path}: ${got.status}`);
  await into.put(path, got);
}

/** All files of a version, or a failure: a half version is none. */
export async function takeAll(version: string, files: readonly string[]): Promise<void> {
  const into = await caches.open(cacheOf(version));
  await Promise.all(files.map((f) => take(into, f)));
}

export async function prune(version: string): Promise<void> {
  await Promise.all(stale(await caches.keys(), cacheOf(version)).map((n) => caches.delete(n)));
}

/** A hashed file: from whichever version has it, else from the server, and then it is kept. */
export async function assetFor(req: Request): Promise<Response> {
  const have = await caches.match(req.url);
  if (have) return have;
  const got = await fetch(req);
  if (got.ok && got.type === 'basic') void keepUsed(req.url, got.clone()).catch(() => undefined);
  return got;
}

async function keepUsed(url: string, res: Response): Promise<void> {
  const used = await caches.open(usedName);
  await used.put(url, res);
  const all = await used.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - mostUsed)).map((r) => used.delete(r)));
}

/** Parts that a page had loaded before there was a worker; the browser still has them. */
export async function keepLoaded(urls: unknown, origin: string): Promise<void> {
  if (!Array.isArray(urls)) return;
  for (const url of urls.slice(0, mostUsed)) {
    if (typeof url !== 'string' || !url.startsWith(`${origin}/`) || !isAsset(new URL(url).pathname)) continue;
    if (await caches.match(url)) continue;
    const got = await fetch(url, { cache: 'force-cache' }).catch(() => null);
    if (got?.ok) await keepUsed(url, got);
  }
}

/** Nothing of ours is left. */
export async function dropAll(): Promise<void> {
  const ours = (await caches.keys()).filter((n) => n.startsWith('nm-'));
  await Promise.all(ours.map((n) => caches.delete(n)));
}
