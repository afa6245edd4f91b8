import { code39 } from './code39.ts';

const tall = 56;

/** One line of a counter's barcode, and its text for the clerk who has to type it. */
export function Barcode({ text }: { text: string }) {
  const drawn = code39(text);
  if (!drawn) return <p class="num bc-text">{text}</p>;
  // A whole number of the screen's own dots to a narrow bar: a blurred edge is what scanners stumble over.
  const dots = window.devicePixelRatio || 1;
  const room = Math.min(window.innerWidth, 640) - 48;
  const unit = Math.max(1, Math.floor((room * dots) / drawn.width)) / dots;
  return (
    <figure class="bc">
      <svg role="img" aria-label={text} width={drawn.width * unit} height={tall} viewBox={`0 0 ${drawn.width} ${tall}`} preserveAspectRatio="none" shape-rendering="crispEdges">
        <rect width={drawn.width} height={tall} fill="#fff" />
        {drawn.bars.map(({ x, w }) => <rect key={x} x={x} width={w} height={tall} fill="#000" />)}
      </svg>
      <figcaption class="num bc-text">{text}</figcaption>
    </figure>
  );
}
