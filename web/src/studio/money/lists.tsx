import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon, Logo } from '../../ui/icon.tsx';
import { shopSlug } from '../shops.ts';
import { t } from '../strings.ts';
import type { ListCtrl } from './ctrl.ts';
import type { Page } from './types.ts';

interface BodyProps<T, P extends Page<T>> {
  ctrl: ListCtrl<T, P>;
  /** What an empty list means here, and whether that is good news. */
  empty: string;
  fine?: boolean;
  children: (items: T[]) => ComponentChildren;
}

/** Rows of a list, or why there are none. */
export function Rows<T, P extends Page<T>>({ ctrl, empty, fine, children }: BodyProps<T, P>) {
  useEffect(() => {
    void ctrl.load();
    return () => ctrl.stop();
  }, [ctrl, shopSlug.value]);
  const items = ctrl.items.value;
  if (!items) {
    if (ctrl.failed.value) return <ErrorBox cause={ctrl.failed.value} retry={() => void ctrl.load()} />;
    return <div class="card flat" aria-hidden="true">{[1, 2, 3].map((n) => <div key={n} class="row skrow"><span class="sk b" /><span class="sk c" /></div>)}</div>;
  }
  if (items.length === 0) return <div class="card empty" data-testid="empty">{fine ? <Icon name="check" size={36} /> : <Logo size={40} />}<b>{empty}</b></div>;
  return (
    <>
      {ctrl.failed.value && <p class="note warn stale" role="status"><Icon name="signal" size={18} /><span>{t('list.stale')}</span></p>}
      {children(items)}
      {ctrl.next.value && <button type="button" class="btn wide morebtn" data-testid="more" onClick={() => void ctrl.load(true)}>{t('more')}</button>}
    </>
  );
}

/** One of several ways to look at a list. */
export function Choice<V extends string>({ of, now, name, text, choose }: { of: readonly V[]; now: string; name: string; text: (v: V) => string; choose: (v: V) => void }) {
  return (
    <div class="seg" role="group" aria-label={name}>
      {of.map((v) => <button key={v} type="button" aria-pressed={v === now} data-testid={`choose-${v}`} onClick={() => choose(v)}>{text(v)}</button>)}
    </div>
  );
}
