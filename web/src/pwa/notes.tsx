import { useEffect } from 'preact/hooks';
import { Icon, Logo } from '../ui/icon.tsx';
import { path } from '../ui/route.ts';
import { ta } from './strings.ts';
import { declineInstall, install, offered } from './install.ts';
import { waitsLong, type Updates } from './update.ts';
import './style.css';

function Picture() {
  return (
    <svg class="howto" viewBox="0 0 220 96" role="img" aria-label={ta('install.picture')}>
      <rect x="4" y="6" width="98" height="84" rx="14" /><path d="M4 62h98" /><path class="hot" d="M53 80V64M47 69l6-6 6 6M44 73v11h18V73" />
      <path d="M112 48h12M119 42l6 6-6 6" />
      <rect x="134" y="20" width="82" height="56" rx="12" /><path d="M134 48h82" /><rect class="hot" x="146" y="54" width="16" height="16" rx="4" /><path class="hot" d="M154 58v8M150 62h8" /><path d="M172 62h32M146 34h58" />
    </svg>
  );
}

function Install() {
  const way = offered.value;
  if (!way) return null;
  return (
    <section class="app-note" data-testid="install-offer" data-ground="paper" aria-labelledby="install-h">
      <Logo size={40} />
      <div class="grow">
        <b id="install-h">{ta('install.title')}</b>
        <p class="sm t2">{ta('install.text')}</p>
        {way === 'ios' && <div class="how"><Picture /><ol class="sm steps"><li>{ta('install.ios1')}</li><li>{ta('install.ios2')}</li></ol></div>}
        <div class="row acts">
          {way === 'ask' && <button type="button" class="btn s pri" data-testid="install-go" onClick={() => void install()}>{ta('install.go')}</button>}
          <button type="button" class="btn s ghost" data-testid="install-no" onClick={declineInstall}>{ta('install.no')}</button>
        </div>
      </div>
    </section>
  );
}

/** Where money is being moved, not even a word about versions. */
const quiet = /^\/(?:checkout|pay)/;

function Update({ updates }: { updates: Updates }) {
  if (!waitsLong.value || quiet.test(path.value)) return null;
  const later = (): void => {
    waitsLong.value = false;
  };
  return (
    <section class="app-note" role="status" data-testid="update-offer" data-ground="paper">
      <Icon name="info" size={20} /><b class="grow">{ta('update.text')}</b>
      <button type="button" class="btn s" data-testid="update-later" onClick={later}>{ta('update.later')}</button>
      <button type="button" class="btn s pri" data-testid="update-go" onClick={() => updates.take()}>{ta('update.go')}</button>
    </section>
  );
}

/** What the app says of itself: one thing at a time, at the foot, never over a sheet. */
export function notesOf(updates: Updates) {
  return function Notes() {
    const any = offered.value !== null || waitsLong.value;
    useEffect(() => {
      document.documentElement.toggleAttribute('data-note', any);
    }, [any]);
    return waitsLong.value ? <Update updates={updates} /> : <Install />;
  };
}
