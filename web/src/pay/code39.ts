// Code 39: five bars and the four spaces between them, three of the nine wide. Each sign is written
// as nine letters, n for narrow and w for wide, bar first.
const signs: Record<string, string> = {
  0: 'nnnwwnwnn', 1: 'wnnwnnnnw', 2: 'nnwwnnnnw', 3: 'wnwwnnnnn', 4: 'nnnwwnnnw', 5: 'wnnwwnnnn', 6: 'nnwwwnnnn', 7: 'nnnwnnwnw',
  8: 'wnnwnnwnn', 9: 'nnwwnnwnn', A: 'wnnnnwnnw', B: 'nnwnnwnnw', C: 'wnwnnwnnn', D: 'nnnnwwnnw', E: 'wnnnwwnnn', F: 'nnwnwwnnn',
  G: 'nnnnnwwnw', H: 'wnnnnwwnn', I: 'nnwnnwwnn', J: 'nnnnwwwnn', K: 'wnnnnnnww', L: 'nnwnnnnww', M: 'wnwnnnnwn', N: 'nnnnwnnww',
  O: 'wnnnwnnwn', P: 'nnwnwnnwn', Q: 'nnnnnnwww', R: 'wnnnnnwwn', S: 'nnwnnnwwn', T: 'nnnnwnwwn', U: 'wwnnnnnnw', V: 'nwwnnnnnw',
  W: 'wwwnnnnnn', X: 'nwnnwnnnw', Y: 'wwnnwnnnn', Z: 'nwwnwnnnn', '-': 'nwnnnnwnw', '.': 'wwnnnnwnn', ' ': 'nwwnnnwnn', $: 'nwnwnwnnn',
  '/': 'nwnwnnnwn', '+': 'nwnnnwnwn', '%': 'nnnwnwnwn', '*': 'nwnnwnwnn',
};

const wide = 2.5;
/** White on both sides, in widths of a narrow bar: without it no scanner finds the beginning. */
export const quiet = 10;

export interface Bars {
  /** The whole, with the white on both sides, in widths of a narrow bar. */
  width: number;
  /** Where each bar begins and how wide it is. */
  bars: { x: number; w: number }[];
}

/** The bars of a text, with the star that begins and ends it. Null: there is a sign that Code 39 has not. */
export function code39(text: string): Bars | null {
  const bars: Bars['bars'] = [];
  let x = quiet;
  for (const [i, sign] of [...`*${text}*`].entries()) {
    const shape = signs[sign];
    if (!shape || (sign === '*' && i > 0 && i <= text.length)) return null;
    for (const [k, letter] of [...shape].entries()) {
      const w = letter === 'w' ? wide : 1;
      if (k % 2 === 0) bars.push({ x, w });
      x += w;
    }
    x += 1; // a narrow space between signs
  }
  return { width: x - 1 + quiet, bars };
}
