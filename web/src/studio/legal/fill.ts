/** Puts the values of marks into a text as the server will; one without a value stays to be seen. */
export function fillMarks(text: string, marks: readonly { mark: string; value: string | null }[]): string {
  const known = new Map(marks.map((m) => [m.mark, m.value]));
  return text.replace(/\{([a-z_]{1,40})\}/g, (whole, name: string) => known.get(name) ?? whole);
}
