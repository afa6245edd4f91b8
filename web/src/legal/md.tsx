import { Fragment } from 'preact';
import { blocksOf, type Block, type Run } from './md.ts';

function Runs({ of }: { of: Run[] }) {
  return (
    <>
      {of.map((r, i) => {
        if (r.is === 'bold') return <b key={i}>{r.text}</b>;
        if (r.is === 'link') return r.href?.startsWith('/') ? <a key={i} href={r.href}>{r.text}</a> : <a key={i} href={r.href} rel="noopener noreferrer nofollow" target="_blank">{r.text}</a>;
        return <Fragment key={i}>{r.text}</Fragment>;
      })}
    </>
  );
}

/** The page has a heading of its own: the highest of the text comes right below it. */
function One({ b, top }: { b: Block; top: number }) {
  switch (b.is) {
    case 'heading':
      return b.level === top ? <h2><Runs of={b.runs} /></h2> : b.level === top + 1 ? <h3><Runs of={b.runs} /></h3> : <h4><Runs of={b.runs} /></h4>;
    case 'list':
      return b.ordered ? <ol>{b.items.map((r, i) => <li key={i}><Runs of={r} /></li>)}</ol> : <ul>{b.items.map((r, i) => <li key={i}><Runs of={r} /></li>)}</ul>;
    default:
      return <p><Runs of={b.runs} /></p>;
  }
}

/** A text by somebody, as nodes: there is no way from it to markup. */
export function Markdown({ of }: { of: string }) {
  const blocks = blocksOf(of);
  const top = Math.min(...blocks.flatMap((b) => (b.is === 'heading' ? [b.level] : [])));
  return <>{blocks.map((b, i) => <One key={i} b={b} top={top} />)}</>;
}
