/** What the server would answer the views, by the beginning of the path. Everything else never answers. */
const answers = new Map<string, unknown>();

export const answer = (path: string, body: unknown): void => {
  answers.set(path, body);
};

export const forget = (): void => answers.clear();

export function fakeFetch(url: string): Promise<Response> {
  const path = url.replace('/api/v1', '');
  for (const [start, body] of answers) if (path.startsWith(start)) return Promise.resolve(new Response(JSON.stringify(body)));
  return new Promise(() => undefined);
}
