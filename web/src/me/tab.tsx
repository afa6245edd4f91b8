import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { loadSession, session } from '../api/http.ts';
import { tw } from '../people/strings.ts';
import { Page, Wait } from '../shop/page.tsx';
import { Icon } from '../ui/icon.tsx';
import { path } from '../ui/route.ts';

interface TabProps {
  title: string;
  testId: string;
  /** A name alone will do. */
  guests?: boolean;
  children: ComponentChildren;
}

/** One part of what is one's own. Who is not signed in is led to where one signs in, and back. */
export function Tab({ title, testId, guests = false, children }: TabProps) {
  useEffect(() => {
    if (!session.value) loadSession().catch(() => undefined);
  }, []);
  const kind = session.value?.kind;
  const isIn = kind === 'account' || (guests && kind === 'guest');
  return (
    <Page title={title} from="/me" testId={testId}>
      {!session.value && <Wait rows={2} />}
      {session.value && !isIn && (
        <div class="empty card">
          <Icon name="user" size={34} /><b>{tw('tab.signIn')}</b>
          <a class="btn pri" href={`/signin?next=${encodeURIComponent(path.value)}`}>{tw('tab.go')}</a>
        </div>
      )}
      {isIn && children}
    </Page>
  );
}
