import { addArea, type Lang } from '../i18n/index.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { lazy } from '../ui/lazy.tsx';
import { strings } from './strings.ts';

const load = (l: Lang): Promise<void> => strings.load(l);

/** The studio's door: its strings and screens come together, and can be asked for again. */
export const Studio = lazy<{ path: string }>(
  async () => {
    const [screens] = await Promise.all([import('./screens.tsx'), addArea(load)]);
    return screens.Screens;
  },
  {
    wait: () => <div class="screen-wait" />,
    fail: (retry) => <ErrorBox cause="code" retry={retry} />,
  },
);
