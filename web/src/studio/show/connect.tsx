import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Ingest } from '../../api/types.ts';
import { Icon } from '../../ui/icon.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { toast } from '../../ui/toast.tsx';
import { copy, problemText } from '../say.ts';
import { t, type Key } from '../strings.ts';
import { wide } from '../wide.ts';
import type { ShowCtrl } from './ctrl.ts';
import { KeysCtrl } from './keys-ctrl.ts';
import { Qr } from './qr.tsx';

type Way = 'phone' | 'obs';
const steps: Key[] = ['obs.1', 'obs.2', 'obs.3', 'obs.4', 'obs.5'];
const dots = '••••••••••••';

interface SecretProps {
  label: string;
  value: string | null;
  done: string;
  testId: string;
}

function Secret({ label, value, done, testId }: SecretProps) {
  return (
    <div class="secret">
      <label class="fld"><span class="lb">{label}</span>
        <input class={`inp${value === null ? ' shut' : ''}`} readOnly value={value ?? dots} spellcheck={false} autoComplete="off" data-testid={`ingest-${testId}`}
          onFocus={(e) => { if (value !== null) e.currentTarget.select(); }} />
      </label>
      <button type="button" class="btn s" aria-disabled={value === null} aria-label={t('ingest.copyWhat', { what: label })} data-testid={`ingest-copy-${testId}`}
        onClick={() => { if (value !== null) void copy(value, done); }}><Icon name="copy" size={18} /><span>{t('ingest.copy')}</span></button>
    </div>
  );
}

function ForObs({ ingest }: { ingest: Ingest | null }) {
  return (
    <>
      <Secret label={t('ingest.server')} value={ingest?.rtmps.url ?? null} done={t('copy.server')} testId="url" />
      <Secret label={t('ingest.key')} value={ingest?.rtmps.key ?? null} done={t('copy.key')} testId="key" />
      <ol class="steps">{steps.map((s) => <li key={s}>{t(s)}</li>)}</ol>
    </>
  );
}

function ForPhone({ ingest }: { ingest: Ingest | null }) {
  return (
    <div class="forphone">
      {ingest ? <Qr text={ingest.grove} label={t('qr.label')} /> : <div class="qr shut" aria-hidden="true"><Icon name="qr" size={56} /></div>}
      <div class="grow">
        <ol class="steps"><li>{t('phone.1')}</li><li>{t(wide.value ? 'phone.2' : 'phone.2here')}</li><li>{t('phone.3')}</li></ol>
        {ingest && !wide.value && <a class="btn s" href={ingest.grove} data-testid="ingest-larix"><Icon name="phone" size={18} />{t('phone.open')}</a>}
      </div>
    </div>
  );
}

function Reveal({ keys }: { keys: KeysCtrl }) {
  const shown = keys.ingest.value !== null;
  return (
    <button type="button" class={`btn s${shown ? '' : ' pri'}`} data-testid="ingest-reveal" aria-pressed={shown} aria-disabled={keys.busy.value}
      onClick={() => { if (shown) keys.hide(); else void keys.reveal(); }}>
      <Icon name={shown ? 'hide' : 'eye'} size={18} />{t(shown ? 'ingest.hide' : 'ingest.reveal')}
    </button>
  );
}

function RotateSheet({ keys, live, close }: { keys: KeysCtrl; live: boolean; close: () => void }) {
  async function rotate(): Promise<void> {
    if (!(await keys.rotate())) return;
    close();
    toast(t('rotate.done'), 'ok');
  }
  return (
    <Sheet title={t('rotate.title')} close={close} testId="rotate-sheet">
      <p>{t(live ? 'rotate.textLive' : 'rotate.text')}</p>
      {keys.failed.value && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{problemText(keys.failed.value)}</span></p>}
      <div class="sheet-acts">
        <button type="button" class="btn" data-autofocus onClick={close}>{t('rotate.no')}</button>
        <button type="button" class="btn pri" data-testid="ingest-rotate-confirm" aria-disabled={keys.busy.value} onClick={() => void rotate()}>{t('rotate.yes')}</button>
      </div>
    </Sheet>
  );
}

/** How a broadcaster gets in: with a phone by a code, or with OBS by address and key. */
export function Connect({ ctrl }: { ctrl: ShowCtrl }) {
  const [keys] = useState(() => new KeysCtrl(ctrl.id));
  const way = useSignal<Way>(wide.value ? 'obs' : 'phone');
  useEffect(() => () => keys.hide(), [keys]);
  const ingest = keys.ingest.value;
  return (
    <section class="card connect" aria-labelledby="h-connect" data-testid="connect">
      <div class="row wrap"><h2 class="sec" id="h-connect">{t('connect.title')}</h2>
        <div class="seg end" role="group" aria-label={t('connect.way')}>
          {(['phone', 'obs'] as const).map((w) => (
            <button key={w} type="button" aria-pressed={way.value === w} data-testid={`way-${w}`} onClick={() => { way.value = w; }}>{t(`way.${w}`)}</button>
          ))}
        </div>
      </div>
      {way.value === 'obs' ? <ForObs ingest={ingest} /> : <ForPhone ingest={ingest} />}
      {keys.failed.value && ctrl.panel.value === null && <p class="note bad" role="alert"><Icon name="warn" size={18} /><span>{problemText(keys.failed.value)}</span></p>}
      {ingest?.ca_url && <p class="note"><Icon name="shield" size={18} /><span>{t('ingest.ca')} <a class="inline" href={ingest.ca_url} download data-testid="ingest-ca">{t('ingest.caGet')}</a></span></p>}
      <div class="row wrap keyacts">
        <Reveal keys={keys} />
        <button type="button" class="btn s" data-testid="ingest-rotate" onClick={() => { ctrl.panel.value = { is: 'rotate' }; }}><Icon name="undo" size={18} />{t('ingest.rotate')}</button>
        <span class="xs t2 grow">{t('ingest.care')}</span>
      </div>
      {ctrl.panel.value?.is === 'rotate' && (
        <RotateSheet keys={keys} live={ctrl.health.value?.connected ?? false} close={() => { ctrl.panel.value = null; }} />
      )}
    </section>
  );
}
