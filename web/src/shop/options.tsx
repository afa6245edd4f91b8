import { useEffect, useRef } from 'preact/hooks';
import type { Option, Variant } from '../api/sale.ts';
import { isOut } from './money.ts';
import { optionTitle, wordOf } from './option-words.ts';
import { t } from './strings.ts';
import { lang } from '../i18n/index.ts';
import { Icon } from '../ui/icon.tsx';

type Chosen = readonly (string | null)[];
type Buyable = Pick<Variant, 'id' | 'options' | 'left'>;

/** The variant that is chosen, once every option is; without options the only one. */
export function variantOf<V extends Buyable>(variants: readonly V[], chosen: Chosen): V | undefined {
  if (variants.length === 1) return variants[0];
  if (chosen.some((c) => c === null)) return undefined;
  return variants.find((v) => v.options.every((o, i) => o === chosen[i]));
}

/** Options with one value only are chosen from the start. */
export const pickFirst = (options: readonly Option[], variants: readonly Buyable[]): (string | null)[] =>
  options.map((o, i) => (o.values.length === 1 || variants.length === 1 ? (variants[0]?.options[i] ?? null) : null));

/** True when nothing is left of this value beside what is chosen of the others. */
function valueOut(variants: readonly Buyable[], chosen: Chosen, at: number, value: string): boolean {
  const fits = variants.filter((v) => v.options[at] === value && chosen.every((c, i) => i === at || c === null || v.options[i] === c));
  return fits.every((v) => isOut(v.left));
}

interface OptionsProps {
  options: readonly Option[];
  variants: readonly Buyable[];
  chosen: (string | null)[];
  choose: (next: (string | null)[]) => void;
  /** Somebody wanted to go on without having chosen: what is missing is marked. */
  missed: boolean;
}

/** Options as chips. Those sold out are struck and can still be chosen, for the waiting list. */
export function Options({ options, variants, chosen, choose, missed }: OptionsProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (missed) box.current?.querySelector('[data-missing]')?.scrollIntoView({ block: 'nearest' });
  }, [missed]);
  return (
    <div ref={box}>
      {options.map((o, at) => (
        <fieldset key={o.name} class="opts" data-missing={(missed && chosen[at] === null) || undefined}>
          <legend class="sm b t2">{optionTitle(o.name)}</legend>
          {missed && chosen[at] === null && <p class="errmsg" role="alert" data-testid="missing"><Icon name="warn" size={16} />{t('sheet.pick')}</p>}
          <div class="chips">
            {o.values.map((value, n) => {
              const word = wordOf(value, o.words?.[n], lang.value);
              const out = valueOut(variants, chosen, at, value);
              const on = chosen[at] === value;
              return (
                <button key={value} type="button" class={`chip${on ? ' on' : ''}${out ? ' out' : ''}`} aria-pressed={on} data-testid="option" data-value={value}
                  onClick={() => choose(chosen.map((c, i) => (i === at ? value : c)))}>
                  {out ? <><s>{word}</s><span class="xs">{t('sheet.out')}</span></> : word}
                </button>
              );
            })}
          </div>
        </fieldset>
      ))}
    </div>
  );
}
