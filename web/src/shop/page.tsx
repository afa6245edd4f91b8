import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { watchClock } from '../ui/clock.ts';
import { Icon } from '../ui/icon.tsx';
import { goBack } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';
import { t } from './strings.ts';
import './style.css';
import './page.css';

interface PageProps {
  title: string;
  /** Where Back leads who came straight in. */
  from?: string;
  /** Beside the title. */
  mark?: ComponentChildren;
  end?: ComponentChildren;
  foot?: ComponentChildren;
  children: ComponentChildren;
  testId: string;
  plain?: boolean;
}

/** A page on paper: its head, what it says, and what it wants to be pressed at its foot. */
export function Page({ title, from = '/', mark, end, foot, children, testId, plain = false }: PageProps) {
  const head = useRef<HTMLHeadingElement>(null);
  useTitle(title);
  useEffect(() => watchClock(), []);
  useEffect(() => head.current?.focus({ preventScroll: true }), []);
  return (
    <div class="page" data-testid={testId}>
      <header class="top">
        <button type="button" class="icb" aria-label={t('page.back')} data-testid="back" onClick={() => goBack(from)}><Icon name="back" size={22} /></button>
        <h1 tabIndex={-1} ref={head}>{title}{mark}</h1>
        {end}
      </header>
      <main class={plain ? 'plain' : 'pad stack'}>{children}</main>
      {foot && <footer class="foot">{foot}</footer>}
    </div>
  );
}

/** The shapes of what is coming, so that nothing moves when it has come. */
export function Wait({ rows = 3 }: { rows?: number }) {
  return (
    <div class="stack" aria-hidden="true" data-testid="page-loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} class="card row"><span class="sk thumb l" /><span class="grow col sk-lines"><i class="sk" /><i class="sk" /><i class="sk" /></span></div>
      ))}
    </div>
  );
}
