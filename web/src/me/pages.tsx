import { NotFound } from '../notfound/view.tsx';
import { DataPage } from './data.tsx';
import { DeletionPage } from './deletion.tsx';
import { NoticesPage } from './notices.tsx';
import { ProfilePage } from './profile.tsx';
import { SecurityPage } from './security.tsx';
import { MePage } from './view.tsx';

/** Everything under `/me`, and where a deletion is followed. */
export function MePages({ path }: { path: string }) {
  const [, kind = '', id = ''] = path.split('/');
  if (kind === 'deletion') return <DeletionPage key={id} code={id} />;
  switch (id) {
    case '':
      return <MePage />;
    case 'profile':
      return <ProfilePage />;
    case 'security':
      return <SecurityPage />;
    case 'notices':
      return <NoticesPage />;
    case 'data':
      return <DataPage />;
    default:
      return <NotFound />;
  }
}
