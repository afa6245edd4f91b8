import { useEffect, useState } from 'preact/hooks';
import type { ChatMode } from '../../api/types.ts';
import { timeOfDay } from '../../i18n/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { problemText } from '../say.ts';
import { t } from '../strings.ts';
import type { ShowCtrl } from './ctrl.ts';
import { RulesCtrl } from './rules-ctrl.ts';
import { longestWord, mostWords } from './words.ts';

const modes: readonly ChatMode[] = ['open', 'slow', 'members', 'off'];
const pauses = [5, 10, 30, 60];

function Modes({ ctrl }: { ctrl: ShowCtrl }) {
  const chat = ctrl.chat.value;
  return (
    <section class="card stack" aria-labelledby="h-mode">
      <h2 class="sec" id="h-mode">{t('rules.mode')}</h2>
      <div class="modes" role="radiogroup" aria-labelledby="h-mode">
        {modes.map((m) => (
          <label key={m} class="opt" htmlFor={`mode-${m}`}>
            <input type="radio" class="rd" name="mode" id={`mode-${m}`} aria-label={t(`mode.${m}`)} aria-describedby={`hint-${m}`} checked={chat.mode === m} data-testid={`mode-${m}`} onChange={() => void ctrl.setChat({ mode: m })} />
            <span class="grow"><b class="sm">{t(`mode.${m}`)}</b><span class="xs t2" id={`hint-${m}`}>{t(`modeHint.${m}`)}</span></span>
          </label>
        ))}
      </div>
      {chat.mode === 'slow' && (
        <div class="seg" role="group" aria-label={t('rules.pause')}>
          {pauses.map((s) => <button key={s} type="button" aria-pressed={chat.slow_s === s} data-testid={`slow-${s}`} onClick={() => void ctrl.setChat({ slow_s: s })}>{t('rules.seconds', { n: s })}</button>)}
        </div>
      )}
    </section>
  );
}

function WordFault({ rules }: { rules: RulesCtrl }) {
  const fault = rules.fault;
  return (
    <span id="f-words" role="alert">
      {fault && <span class="errmsg"><Icon name="warn" size={16} />{fault.is === 'tooMany' ? t('words.tooMany', { n: mostWords }) : t('words.tooLong', { word: [...fault.word].slice(0, 12).join(''), n: longestWord })}</span>}
    </span>
  );
}

function Words({ rules }: { rules: RulesCtrl }) {
  const changed = rules.text.value !== (rules.words.value ?? []).join('\n');
  return (
    <section class="card stack">
      <label class="fld"><span class="lb sec">{t('words.title')}</span>
        <textarea class="inp" rows={5} value={rules.text.value} spellcheck={false} data-testid="blocked-words" aria-describedby="h-words f-words"
          aria-invalid={rules.fault !== null} disabled={rules.words.value === null} onInput={(e) => rules.write(e.currentTarget.value)} />
      </label>
      <p class="xs t2" id="h-words">{t('words.hint')}</p>
      <WordFault rules={rules} />
      <button type="button" class="btn s" aria-disabled={!changed || rules.busy.value || rules.fault !== null} data-testid="words-save" onClick={() => void rules.save()}>
        {rules.saved.value && !changed ? <><Icon name="check" size={18} />{t('words.saved')}</> : t('words.save')}
      </button>
    </section>
  );
}

function Silenced({ rules }: { rules: RulesCtrl }) {
  const list = rules.sanctions.value ?? [];
  return (
    <section class="card">
      <div class="row"><h2 class="sec">{t('silenced.title')}</h2><span class="num end t2">{list.length}</span></div>
      {list.length === 0 && <p class="xs t2">{t('silenced.none')}</p>}
      <ul class="silenced">
        {list.map((s) => (
          <li key={s.id} class="row" data-testid="sanction">
            <span class="grow"><b class="sm cut2">{s.name}</b><span class="xs t2">{s.until === null ? t('silenced.banned') : t('silenced.until', { time: timeOfDay(s.until) })}</span></span>
            <button type="button" class="btn s" aria-label={t('silenced.releaseOf', { name: s.name })} data-testid="sanction-end" onClick={() => void rules.release(s.id)}>{t('silenced.release')}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Who may write, which words wait for a look, who is silenced. */
export function Rules({ ctrl }: { ctrl: ShowCtrl }) {
  const [rules] = useState(() => new RulesCtrl(ctrl.id));
  useEffect(() => void rules.load(), [rules]);
  if (!ctrl.moderates.value) return <p class="sm t2 pad">{t('rules.notYou')}</p>;
  return (
    <div class="rules stack" data-testid="rules">
      <Modes ctrl={ctrl} />
      {rules.failed.value && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{problemText(rules.failed.value)}</span></p>}
      <Words rules={rules} />
      <Silenced rules={rules} />
    </div>
  );
}
