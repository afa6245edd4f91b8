import { useEffect } from 'preact/hooks';

const site = 'Nightmarket';

/** Names the page in the tab, and for those who hear pages instead of seeing them. */
export function useTitle(text: string, ours = true): void {
  useEffect(() => {
    if (ours) document.title = text ? `${text} · ${site}` : site;
  }, [text, ours]);
}
