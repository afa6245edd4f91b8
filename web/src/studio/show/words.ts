/** Limits of the shop's list of blocked words. */
export const mostWords = 200;
export const longestWord = 40;

/** Words as typed or pasted, one a line or set off by commas: trimmed, each once. */
export function wordsOf(text: string): string[] {
  const all = text.split(/[\n,，、;；]+/).map((w) => w.trim()).filter((w) => w !== '');
  return [...new Map(all.map((w) => [w.toLowerCase(), w])).values()];
}

/** The first word that is too long, or null. */
export const tooLong = (words: string[]): string | null => words.find((w) => [...w].length > longestWord) ?? null;
