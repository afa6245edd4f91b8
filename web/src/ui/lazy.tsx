import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';

interface LazyProps {
  /** What stands there until the code has come. */
  wait: () => preact.JSX.Element | null;
  /** What stands there when it does not come; `retry` asks again. */
  fail: (retry: () => void) => preact.JSX.Element | null;
}

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
    if (failed.value) return fail(() => void fetch());
    void fetch();
    return wait();
  }
  return Object.assign(Lazy, { fetch });
}
