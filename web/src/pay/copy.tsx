import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toast.tsx';
import { tp } from './strings.ts';

const saidMs = 2500;

/** Copies a number, and says on itself that it did. */
export function Copy({ text, what, label }: { text: string; what: string; label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), saidMs);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = (): void => {
    const clipboard = navigator.clipboard as Clipboard | undefined; // not there without https
    if (clipboard) clipboard.writeText(text).then(() => setDone(true), () => toast(text));
    else toast(text);
  };
  return (
    <button type="button" class={`btn s cpy${done ? ' done' : ''}`} data-testid="copy" aria-label={done ? undefined : tp('code.copyWhat', { what })} onClick={copy}>
      <Icon name={done ? 'check' : 'copy'} size={18} /><span role="status">{done ? tp('code.copied') : (label ?? tp('code.copy'))}</span>
    </button>
  );
}
