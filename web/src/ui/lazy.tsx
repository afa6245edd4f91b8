import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';

interface LazyProps {
  /** What stands there until the code has come. */
  wait: () => preact.JSX.Element | null;
  /** What stands there when it does not come; `retry` begins the page anew. */
  fail: (retry: () => void) => preact.JSX.Element | null;
}

// Code that does not come may be of a version that is no more: only a fresh page knows the new names.
const freshPage = (): void => location.reload();

/** A screen whose code is fetched when it is first shown, or earlier by `fetch`. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>, { wait, fail }: LazyProps) {
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
        failed.value = true;
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
