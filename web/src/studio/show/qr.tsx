import { useEffect, useState } from 'preact/hooks';
import { t } from '../strings.ts';

interface Code {
  size: number;
  path: string;
}

/** The dark squares as one path, a row's neighbours joined. */
function pathOf(data: boolean[][]): string {
  let d = '';
  data.forEach((line, y) => {
    for (let x = 0; x < line.length; x += 1) {
      if (!line[x]) continue;
      let end = x;
      while (line[end + 1]) end += 1;
      d += `M${x} ${y}h${end - x + 1}v1h-${end - x + 1}z`;
      x = end;
    }
  });
  return d;
}

/** A QR code. The library comes only now; what it says stays in this page. */
export function Qr({ text, label }: { text: string; label: string }) {
  const [code, setCode] = useState<Code | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let here = true;
    import('uqr').then(
      ({ encode }) => {
        const { data, size } = encode(text, { ecc: 'L', border: 4 });
        if (here) setCode({ size, path: pathOf(data) });
      },
      () => {
        if (here) setFailed(true);
      },
    );
    return () => {
      here = false;
    };
  }, [text]);
  if (failed) return <p class="note bad"><span>{t('qr.failed')}</span></p>;
  if (!code) return <div class="qr sk" />;
  return <svg class="qr" viewBox={`0 0 ${code.size} ${code.size}`} role="img" aria-label={label} shape-rendering="crispEdges" data-testid="ingest-qr"><path d={code.path} /></svg>;
}
