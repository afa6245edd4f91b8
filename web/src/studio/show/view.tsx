import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { boot } from '../../boot.ts';
import type { Show } from '../../api/types.ts';
import { pick } from '../../i18n/format.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { useTitle } from '../../ui/title.ts';
import { Frame } from '../frame.tsx';
import { ShowForm } from '../form/view.tsx';
import { t } from '../strings.ts';
import { wide } from '../wide.ts';
import { Console } from './console.tsx';
import { ShowCtrl } from './ctrl.ts';
import { Dialogs } from './dialogs.tsx';
import { Over } from './over.tsx';
import { Phone } from './phone.tsx';
import { Ready } from './ready.tsx';
import { useShortcuts } from './shortcuts.ts';
import './style.css';
import './console.css';

const editMark = '#edit';

/** Editing is a step of its own in the browser's history, so that Back leads out of it. */
function useEditing(): { editing: boolean; edit: () => void; done: () => void } {
  const editing = useSignal(location.hash === editMark);
  useEffect(() => {
    const look = (): void => {
      editing.value = location.hash === editMark;
    };
    addEventListener('popstate', look);
    return () => removeEventListener('popstate', look);
  }, [editing]);
  const edit = (): void => {
    history.pushState(null, '', `${location.pathname}${editMark}`);
    editing.value = true;
  };
  const done = (): void => {
    history.replaceState(null, '', location.pathname);
    editing.value = false;
  };
  return { editing: editing.value, edit, done };
}

function ByState({ ctrl, show }: { ctrl: ShowCtrl; show: Show }) {
  const { editing, edit, done } = useEditing();
  switch (show.state) {
    case 'live':
    case 'interrupted':
      return wide.value ? <Console ctrl={ctrl} /> : <Phone ctrl={ctrl} />;
    case 'draft':
    case 'scheduled':
    case 'backstage':
      if (!editing || !ctrl.runs.value) return <Ready ctrl={ctrl} edit={edit} />;
      return (
        <Frame at="show" bar={false}>
          <ShowForm show={show} back={done} done={(s) => { ctrl.setShow({ ...show, ...s }); done(); }} />
        </Frame>
      );
    default:
      return <Over ctrl={ctrl} />;
  }
}

/** One show, whatever it is now: it turns from one screen into the next without a reload. */
export function ShowScreen({ id }: { id: string }) {
  const [ctrl] = useState(() => new ShowCtrl(id));
  useEffect(() => {
    if (boot?.show?.id === id && boot.show.version !== undefined) ctrl.setShow(boot.show);
    ctrl.open();
    return () => ctrl.close();
  }, [ctrl, id]);
  useShortcuts(ctrl);
  const show = ctrl.show.value;
  useTitle(show ? pick(show.title).text : t('nav.shows'));
  if (!show) {
    if (ctrl.failed.value) return <Frame at="show"><ErrorBox cause={ctrl.failed.value} retry={() => void ctrl.fetch()} /></Frame>;
    return <Frame at="show"><div class="ready" aria-hidden="true"><span class="sk skstage" /><span class="sk skstage" /><span class="sk skstage" /></div></Frame>;
  }
  return (
    <>
      <ByState ctrl={ctrl} show={show} />
      <Dialogs ctrl={ctrl} />
    </>
  );
}
