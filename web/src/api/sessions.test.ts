import { afterEach, expect, it, vi } from 'vitest';
import { session } from './http.ts';
import { signOut } from './sessions.ts';

afterEach(() => vi.unstubAllGlobals());

it('leaves nothing that was typed to whoever sits here next', async () => {
  session.value = { kind: 'account', viewer: { id: 'usr_2', name: 'Mei', lang: 'en' }, staff: [], csrf: 'd' };
  sessionStorage.setItem('nm-checkout', '{"name":"林秀蘭","phone":"0912345678"}');
  sessionStorage.setItem('nm-draft-shw_1', 'hello');
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 204 })));
  await signOut();
  expect([sessionStorage.length, session.value]).toEqual([0, null]);
});
