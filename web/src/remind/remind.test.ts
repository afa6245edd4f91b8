import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { PushState } from '../push/index.ts';
import { RemindCtrl } from './ctrl.ts';
import { elsewhere } from './zones.tsx';

const server = vi.hoisted(() => ({ calls: [] as string[], can_email: false, fails: false }));
const push = vi.hoisted(() => ({ answer: 'granted' as PushState }));

vi.mock('../api/http.ts', async (real) => ({
  ...(await real<object>()),
  session: { value: { viewer: { id: 'vwr_1' } }, peek: () => ({ viewer: { id: 'vwr_1' } }) },
  call: (method: string, path: string, opts?: { body?: object }) => {
    server.calls.push(`${method} ${path} ${JSON.stringify(opts?.body ?? null)}`);
    if (server.fails) return Promise.reject(new Error('no'));
    return Promise.resolve({ push: false, email: false, can_push: true, can_email: server.can_email, ...opts?.body });
  },
}));
vi.mock('../push/index.ts', async () => {
  const { signal } = await import('@preact/signals');
  return { pushState: signal('default'), permission: () => 'default', lookAtPush: () => Promise.resolve('default'), turnOnPush: () => Promise.resolve(push.answer) };
});

const path = '/shows/shw_1/reminders';
let ctrl: RemindCtrl;

beforeEach(() => {
  Object.assign(server, { calls: [], can_email: false, fails: false });
  push.answer = 'granted';
  ctrl = new RemindCtrl('shw_1');
});

describe('a reminder', () => {
  it('comes by message where that is allowed, and a second press takes it back', async () => {
    await ctrl.press();
    expect([server.calls.at(-1), ctrl.on.value, ctrl.says.value]).toEqual([`POST ${path} {"push":true}`, true, 'remind.byPush']);
    await ctrl.press();
    expect([server.calls.at(-1), ctrl.on.value, ctrl.says.value]).toEqual([`DELETE ${path} null`, false, null]);
  });

  it('comes by mail where messages are refused and an address is known', async () => {
    push.answer = 'denied';
    server.can_email = true;
    await ctrl.press();
    expect([server.calls.at(-1), ctrl.says.value]).toEqual([`POST ${path} {"email":true}`, 'remind.byMail']);
  });

  it('is left to the calendar otherwise, with the word why', async () => {
    for (const [state, says] of [['denied', 'remind.denied'], ['install', 'remind.install'], ['unsupported', 'remind.unsupported'], ['off', 'remind.calendar'], ['default', 'remind.failed']] as const) {
      push.answer = state;
      await ctrl.press();
      expect([state, ctrl.on.value, ctrl.says.value]).toEqual([state, false, says]);
    }
    expect(server.calls.some((c) => c.startsWith('POST'))).toBe(false);
  });

  it('that the server did not take says so', async () => {
    server.fails = true;
    await ctrl.press();
    expect([ctrl.on.value, ctrl.says.value, ctrl.busy.value]).toEqual([false, 'remind.failed', false]);
  });
});

describe('the hour of a show', () => {
  it('is told for the markets where the clock shows another one', () => {
    const at = Date.UTC(2026, 10, 23, 13, 0);
    const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(elsewhere(['TW', 'TH'], at)).toEqual((['TW', 'TH'] as const).filter((m) => here !== (m === 'TW' ? 'Asia/Taipei' : 'Asia/Bangkok')));
  });
});
