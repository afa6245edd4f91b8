import type { ComponentChildren } from 'preact';
import { chooseLang } from '../api/sessions.ts';
import { htmlLang, langNames, langs, lang, t, type Key } from '../i18n/index.ts';
import { pick } from '../i18n/format.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { go } from '../ui/route.ts';
import { Sheet } from '../ui/sheet.tsx';
import { toast } from '../ui/toast.tsx';
import type { RoomCtrl } from './ctrl.ts';
import { toggleFullscreen } from './gestures.ts';
import '../ui/switch.css';

function Choice({ icon, label, children }: { icon: IconName; label: string; children: ComponentChildren }) {
  return (
    <div class="mrow"><Icon name={icon} size={20} /><span class="ml">{label}</span>
      <div class="seg" role="group" aria-label={label}>{children}</div>
    </div>
  );
}

interface SwitchProps {
  icon: IconName;
  label: string;
  hint?: string;
  on: boolean;
  set: (on: boolean) => void;
  testId: string;
}

function Switch({ icon, label, hint, on, set, testId }: SwitchProps) {
  return (
    <button type="button" class="mrow" role="switch" aria-checked={on} data-testid={testId} onClick={() => set(!on)}>
      <Icon name={icon} size={20} />
      <span class="ml">{label}{hint && <small>{hint}</small>}</span>
      <i class="knob" />
    </button>
  );
}

function Act({ icon, label, act, testId }: { icon: IconName; label: string; act: () => void; testId: string }) {
  return (
    <button type="button" class="mrow" data-testid={testId} onClick={act}>
      <Icon name={icon} size={20} /><span class="ml">{label}</span><Icon name="chev" size={16} />
    </button>
  );
}

/** The system's own sharing where there is any, else the address on the clipboard. */
export async function share(ctrl: RoomCtrl): Promise<void> {
  const url = `${location.origin}/s/${ctrl.id}`;
  const title = pick(ctrl.show.value?.title ?? {}).text;
  try {
    if (navigator.share) await navigator.share({ url, title });
    else {
      await navigator.clipboard.writeText(url);
      toast(t('room.linkCopied'), 'ok');
    }
  } catch (e) {
    if (!(e instanceof DOMException) || e.name !== 'AbortError') toast(url);
  }
}

function Qualities({ ctrl }: { ctrl: RoomCtrl }) {
  const all = ctrl.player.qualities.value;
  if (all.length < 2) return null;
  const now = ctrl.player.quality.value;
  return (
    <Choice icon="gear" label={t('menu.quality')}>
      <button type="button" aria-pressed={now === -1} onClick={() => ctrl.player.setQuality(-1)}>{t('menu.auto')}</button>
      {all.map((q) => (
        <button key={q.index} type="button" aria-pressed={now === q.index} onClick={() => ctrl.player.setQuality(q.index)}>{q.height}p</button>
      ))}
    </Choice>
  );
}

export function Menu({ ctrl }: { ctrl: RoomCtrl }) {
  const close = (): void => {
    ctrl.panel.value = null;
  };
  const then = (act: () => void) => (): void => {
    close();
    act();
  };
  const { player } = ctrl;
  return (
    <Sheet title={t('room.menu')} close={close} testId="menu-sheet">
      <div class="menu">
        <Qualities ctrl={ctrl} />
        <Switch icon="volume" label={t('menu.sound')} on={!player.muted.value} set={(on) => player.setMuted(!on)} testId="menu-sound" />
        <Switch icon="signal" label={t('menu.saver')} hint={t('menu.saverHint')} on={ctrl.saver.value} set={(on) => ctrl.setSaver(on)} testId="menu-saver" />
        {player.sound.value && <Switch icon="volume" label={t('menu.soundOnly')} hint={t('menu.soundOnlyHint')} on={player.soundOnly.value} set={(on) => player.setSoundOnly(on)} testId="menu-sound-only" />}
        <Switch icon="chat" label={t('menu.readAloud')} on={ctrl.readAloud.value} set={(on) => { ctrl.readAloud.value = on; }} testId="menu-aloud" />
        <Choice icon="globe" label={t('menu.language')}>
          {langs.map((l) => (
            <button key={l} type="button" aria-pressed={lang.value === l} data-testid={`lang-${l}`} onClick={() => void chooseLang(l)}
              lang={htmlLang(l)}>{langNames[l]}</button>
          ))}
        </Choice>
        <Act icon="share" label={t('menu.share')} act={then(() => void share(ctrl))} testId="menu-share" />
        <Act icon="user" label={ctrl.named.value ? t('menu.rename', { name: ctrl.named.value }) : t('menu.name')}
          act={() => { ctrl.panel.value = 'name'; }} testId="menu-name" />
        <Act icon="gear" label={t('home.me')} act={then(() => go('/me'))} testId="menu-me" />
        <Act icon="hide" label={t('menu.hide')} act={then(() => { ctrl.bare.value = true; })} testId="menu-hide" />
        <div class="wide-only">
          <Act icon="wide" label={t('menu.theatre')} act={then(() => { ctrl.theatre.value = !ctrl.theatre.value; })} testId="menu-theatre" />
          <Act icon="full" label={t('menu.full')} act={then(toggleFullscreen)} testId="menu-full" />
          <Act icon="keyboard" label={t('menu.keys')} act={() => { ctrl.panel.value = 'keys'; }} testId="menu-keys" />
        </div>
      </div>
    </Sheet>
  );
}

const keys: [string, Key][] = [
  ['M', 'keys.mute'], ['F', 'keys.full'], ['T', 'keys.theatre'], ['C', 'keys.chat'], ['H', 'keys.hide'],
  ['← →', 'keys.seek'], ['K', 'keys.pause'], ['Esc', 'keys.close'], ['?', 'keys.help'],
];

export function Keys({ ctrl }: { ctrl: RoomCtrl }) {
  return (
    <Sheet title={t('menu.keys')} close={() => { ctrl.panel.value = null; }} testId="keys-sheet">
      <dl class="keys">
        {keys.map(([key, what]) => <div key={key}><dt class="key">{key}</dt><dd>{t(what)}</dd></div>)}
      </dl>
    </Sheet>
  );
}
