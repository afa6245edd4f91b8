import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { keepVisit } from './stay.ts';

interface LazyProps {
  /** What stands there until the code has come. */
  wait: () => preact.JSX.Element | null;
  /** What stands there when it does not come; `retry` begins the page anew. */
  fail: (retry: () => void) => preact.JSX.Element | null;
  /** Not worth beginning the page anew for. */
  extra?: boolean;
}

// Code that does not come may be of a version that is no more: only a fresh page knows the new names.
const freshPage = (): void => location.reload();

/** A page that was itself begun anew does not do it again by itself: that could go on for ever. */
function wasReloaded(): boolean {
  const [nav] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return nav?.type !== 'navigate';
}

/** Once, and with a network: begins the page anew. What was typed and which room is visited are kept. */
function renew(): boolean {
  if (!navigator.onLine || wasReloaded()) return false;
  keepVisit();
  freshPage();
  return true;
}

/** A screen whose code is fetched when it is first shown, or earlier by `fetch`. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>, { wait, fail, extra = false }: LazyProps) {
  const got = signal<ComponentType<P> | null>(null);
  const failed = signal(false);
  let asked: Promise<void> | null = null;
  function fetch(): Promise<void> {
    asked ??= load().then(
      (c) => {
        got.value = c;
        failed.value = false;
      },
      () => {
        failed.value = extra || !renew();
        asked = null;
      },
    );
    return asked;
  }
  function Lazy(props: P) {
    const Screen = got.value;
    if (Screen) return <Screen {...props} />;
    if (failed.value) return fail(freshPage);
    void fetch();
    return wait();
  }
  return Object.assign(Lazy, { fetch });
}
