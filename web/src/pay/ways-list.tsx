import type { PayMethod } from '../api/pay.ts';
import { Icon } from '../ui/icon.tsx';
import { iconOf, wayName, wayText, whyNot } from './ways.ts';

interface WaysProps {
  ways: readonly PayMethod[];
  chosen: string;
  label: string;
  delivery?: 'home' | 'cvs';
  choose: (id: string) => void;
}

/** How to pay: each with what one does and how long there is, or why it cannot be had. */
export function Ways({ ways, chosen, label, delivery, choose }: WaysProps) {
  return (
    <div role="radiogroup" aria-label={label} class="ways-l">
      {ways.map((m) => (
        <label key={m.id} class={`opt${m.available ? '' : ' off'}`}>
          <input class="rd" type="radio" name="pay" value={m.id} checked={m.available && chosen === m.id} disabled={!m.available} data-testid={`pay-${m.id}`}
            onChange={() => choose(m.id)} />
          <span class="grow"><b>{wayName(m.id, delivery)}</b><span class="xs t2">{m.available ? wayText(m) : whyNot(m)}</span></span>
          <Icon name={iconOf(m.id)} size={24} />
        </label>
      ))}
    </div>
  );
}
