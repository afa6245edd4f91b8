import { useEffect } from 'preact/hooks';
import type { Key } from '../strings.ts';
import type { ShowCtrl } from './ctrl.ts';

interface Shortcut {
  key: string;
  /** As it stands on the key. */
  show: string;
  says: Key;
  act: (c: ShowCtrl) => void;
}

/** Moves the mark among the lines, newest first. */
function step(c: ShowCtrl, by: number): void {
  const lines = c.desk.lines.value.filter((m) => m.kind === 'chat');
  if (lines.length === 0) return;
  const at = lines.findIndex((m) => m.id === c.picked.value);
  const next = at < 0 ? lines.length - 1 : Math.min(lines.length - 1, Math.max(0, at + by));
  c.picked.value = lines[next]?.id ?? null;
  document.querySelector(`[data-message="${c.picked.value}"]`)?.scrollIntoView({ block: 'nearest' });
}

function withPicked(c: ShowCtrl, act: (id: string) => void): void {
  if (c.picked.value && c.moderates.value) act(c.picked.value);
}

function hidePicked(c: ShowCtrl): void {
  withPicked(c, (id) => void c.setMessage(id, c.desk.get(id)?.state === 'hidden' ? 'shown' : 'hidden'));
}

function mutePicked(c: ShowCtrl): void {
  withPicked(c, (id) => {
    const m = c.desk.get(id);
    if (m && m.badge === null) void c.punish(m, 'mute');
  });
}

function judge(c: ShowCtrl, state: 'shown' | 'hidden'): void {
  const first = c.desk.held.value[0];
  if (first && c.moderates.value) void c.setMessage(first.id, state);
}

const field = (): HTMLElement | null => document.querySelector('[data-testid="host-input"]');
const onAir = (c: ShowCtrl): boolean => c.show.value?.state === 'live' || c.show.value?.state === 'interrupted';

function deal(c: ShowCtrl): void {
  const now = c.sale.current.value;
  if (now && c.runs.value) c.sale.panel.value = { is: 'deal', listing: now.id };
}

/** One key, one act. */
export const shortcuts: readonly Shortcut[] = [
  { key: ' ', show: '␣', says: 'keys.togglePin', act: (c) => { if (c.runs.value) void c.sale.togglePin(); } },
  { key: 'n', show: 'N', says: 'keys.pinNext', act: (c) => { if (c.runs.value) void c.sale.pinNext(); } },
  { key: 'o', show: 'O', says: 'keys.window', act: (c) => { if (c.runs.value) void c.sale.toggleWindow(); } },
  { key: 'd', show: 'D', says: 'keys.deal', act: deal },
  { key: 'g', show: 'G', says: 'keys.gift', act: (c) => { if (c.runs.value) c.panel.value = { is: 'gift' }; } },
  { key: 'i', show: 'I', says: 'keys.add', act: () => document.querySelector<HTMLElement>('[data-testid="run-add"]')?.focus() },
  { key: '/', show: '/', says: 'keys.say', act: () => field()?.focus() },
  { key: 'p', show: 'P', says: 'keys.pin', act: (c) => { if (c.moderates.value) c.panel.value = { is: 'announce' }; } },
  { key: 's', show: 'S', says: 'keys.slow', act: (c) => { if (c.moderates.value) void c.toggleSlow(); } },
  { key: 'k', show: 'K', says: 'keys.up', act: (c) => step(c, -1) },
  { key: 'j', show: 'J', says: 'keys.down', act: (c) => step(c, 1) },
  { key: 'h', show: 'H', says: 'keys.hide', act: hidePicked },
  { key: 't', show: 'T', says: 'keys.mute', act: mutePicked },
  { key: 'a', show: 'A', says: 'keys.accept', act: (c) => judge(c, 'shown') },
  { key: 'r', show: 'R', says: 'keys.refuse', act: (c) => judge(c, 'hidden') },
  { key: 'm', show: 'M', says: 'keys.sound', act: (c) => c.player.value?.setMuted(!c.player.value.muted.value) },
  { key: 'e', show: 'E', says: 'keys.end', act: (c) => { if (c.runs.value && onAir(c)) c.panel.value = { is: 'end' }; } },
  { key: '?', show: '?', says: 'keys.help', act: (c) => { c.panel.value = { is: 'keys' }; } },
];

/** Awake where there is talk to keep in order; asleep while something is typed or lies on top. */
export function useShortcuts(ctrl: ShowCtrl): void {
  useEffect(() => {
    const down = (e: KeyboardEvent): void => {
      if (!field() && !onAir(ctrl)) return;
      if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || ctrl.panel.value || ctrl.sale.panel.value) return;
      if (e.key === ' ' && (e.target as HTMLElement).closest('button, a, label')) return; // there it presses
      if ((e.target as HTMLElement).closest('input:not([type=radio]), textarea, select')) return;
      const found = shortcuts.find((s) => s.key === e.key.toLowerCase());
      if (!found) return;
      e.preventDefault();
      found.act(ctrl);
    };
    addEventListener('keydown', down);
    return () => removeEventListener('keydown', down);
  }, [ctrl]);
}
