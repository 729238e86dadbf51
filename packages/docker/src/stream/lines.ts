// Bytes to lines. Chunks end anywhere, inside of a line or of a character. Imports nothing.

/** Longest line taken, in bytes: a message with thousands of labels is far below. */
export const MAX_LINE_BYTES = 1_048_576;

const NEWLINE = 0x0a;

export interface LineHandlers {
  readonly line: (text: string) => void;
  /** A line was longer than `MAX_LINE_BYTES`, and is not handed out. */
  readonly overlong: () => void;
}

/** Hands out each line once it is complete. What has no newline yet when the stream ends was never sent whole. */
export class LineSplitter {
  readonly #handlers: LineHandlers;
  #parts: Buffer[] = [];
  #bytes = 0;
  #overlong = false;

  constructor(handlers: LineHandlers) {
    this.#handlers = handlers;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      this.#hold(chunk.subarray(start, at));
      this.#finish();
      start = at + 1;
    }
    this.#hold(chunk.subarray(start));
  }

  #hold(part: Buffer): void {
    if (part.length === 0 || this.#overlong) return;
    this.#bytes += part.length;
    if (this.#bytes > MAX_LINE_BYTES) {
      this.#overlong = true;
      this.#parts = [];
    } else {
      this.#parts.push(part);
    }
  }

  #finish(): void {
    const parts = this.#parts;
    const overlong = this.#overlong;
    this.#parts = [];
    this.#bytes = 0;
    this.#overlong = false;
    if (overlong) this.#handlers.overlong();
    // Decoded whole: characters that chunks have split are whole again.
    else if (parts.length > 0)
      this.#handlers.line(parts.length === 1 ? text(parts[0]!) : text(Buffer.concat(parts)));
  }
}

function text(line: Buffer): string {
  return line.toString('utf8');
}
