import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { Icon } from './icon.tsx';
import { Phrase } from './words.tsx';

interface SheetProps {
  title: string;
  close: () => void;
  children: ComponentChildren;
  testId?: string;
  /** Nearly the whole screen, with a foot that stays: the picture plays on in the strip above. */
  tall?: boolean;
}

const focusable = 'a[href],button:not([disabled]),input:not([disabled]),select,textarea,[tabindex="0"]';

function keepInside(box: HTMLElement, e: KeyboardEvent): void {
  const all = [...box.querySelectorAll<HTMLElement>(focusable)];
  const first = all[0];
  const last = all.at(-1);
  const at = document.activeElement;
  if (e.shiftKey && (at === first || at === box)) {
    e.preventDefault();
    last?.focus();
  } else if (!e.shiftKey && at === last) {
    e.preventDefault();
    first?.focus();
  }
}

/** On a phone, focus in a field would lift the keyboard over what the sheet has just brought about. */
const raisesKeyboard = (el: HTMLElement): boolean => el.matches('input, textarea') && matchMedia('(pointer: coarse)').matches;

/** Paper over the room: takes the focus, keeps it, gives it back. Esc and the dimmed part close it. */
export function Sheet({ title, close, children, testId, tall = false }: SheetProps) {
  const box = useRef<HTMLElement>(null);
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement;
    const wanted = box.current?.querySelector<HTMLElement>('[data-autofocus]') ?? box.current;
    wanted?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected && !raisesKeyboard(before)) before.focus({ preventScroll: true });
    };
  }, []);
  function onKeyDown(e: KeyboardEvent): void {
    e.stopPropagation(); // the room's shortcuts sleep while a sheet is open
    if (e.key === 'Escape') close();
    if (e.key === 'Tab' && box.current) keepInside(box.current, e);
  }
  return (
    <>
      <div class="dim" onClick={close} role="presentation" />
      <section class={tall ? 'sheet tall' : 'sheet'} role="dialog" aria-modal="true" aria-labelledby={heading} tabIndex={-1} ref={box}
        data-ground="paper" data-testid={testId} onKeyDown={onKeyDown}>
        <div class="grab" />
        <header>
          <h2 id={heading}><Phrase of={title} /></h2>
          <button type="button" class="icb" aria-label={t('close')} onClick={close}><Icon name="close" size={22} /></button>
        </header>
        {children}
      </section>
    </>
  );
}
