import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sheet } from './sheet.tsx';

const close = vi.fn<() => void>();
let root: HTMLElement;
let opener: HTMLButtonElement;

const open = (shown = true): void => {
  act(() => render(shown ? <Sheet title="Title" close={close}><input data-autofocus /><button type="button" id="end">ok</button></Sheet> : null, root));
};
const key = (k: string, shiftKey = false): void => {
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: k, shiftKey, bubbles: true, cancelable: true }));
};

beforeEach(() => {
  close.mockClear();
  document.body.innerHTML = '<button id="opener">open</button><div id="root"></div>';
  root = document.getElementById('root') as HTMLElement;
  opener = document.getElementById('opener') as HTMLButtonElement;
  opener.focus();
});
afterEach(() => act(() => render(null, root)));

describe('sheet', () => {
  it('takes the focus where it is wanted and gives it back', () => {
    open();
    expect(document.activeElement?.tagName).toBe('INPUT');
    open(false);
    expect(document.activeElement).toBe(opener);
  });

  it('keeps the focus inside, both ways round', () => {
    open();
    document.getElementById('end')?.focus();
    key('Tab');
    expect(document.activeElement?.getAttribute('aria-label')).not.toBeNull();
    key('Tab', true);
    expect(document.activeElement?.id).toBe('end');
  });

  it('closes on Esc and on the dimmed part, and keeps other keys from the room', () => {
    const room = vi.fn<() => void>();
    addEventListener('keydown', room);
    open();
    key('m');
    key('Escape');
    document.querySelector<HTMLElement>('.dim')?.click();
    removeEventListener('keydown', room);
    expect(close).toHaveBeenCalledTimes(2);
    expect(room).not.toHaveBeenCalled();
  });

  it('is named by its heading', () => {
    open();
    const dialog = document.querySelector('[role=dialog]');
    expect(document.getElementById(dialog?.getAttribute('aria-labelledby') ?? '')?.textContent).toBe('Title');
  });
});
