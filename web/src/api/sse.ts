/** One event of a text/event-stream: its last `id:` and its `data:` lines joined. */
export interface SseEvent {
  id: string | null;
  data: string;
}

const longestBuffer = 1 << 20;

/** Reads an event stream piece by piece; pieces may break anywhere, even inside a line end. */
export class SseParser {
  private rest = '';
  private data: string[] = [];
  private id: string | null = null;

  push(chunk: string): SseEvent[] {
    const out: SseEvent[] = [];
    const lines = (this.rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    if (this.rest.length > longestBuffer) throw new Error('event stream: line too long');
    for (const line of lines) this.line(line, out);
    return out;
  }

  private line(line: string, out: SseEvent[]): void {
    if (line === '') {
      if (this.data.length > 0) out.push({ id: this.id, data: this.data.join('\n') });
      this.data = [];
      this.id = null;
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment, only there to keep the connection
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.data.push(value);
    if (field === 'id' && /^\d+$/.test(value)) this.id = value;
  }
}
