// Bytes into lines without copying them. Knows nothing of entries; imports nothing.

const NEWLINE = 0x0a;

/**
 * One line, without its newline: bytes `start` ≤ i < `end` of `block`. The byte before `start` is there and may be
 * overwritten: with 0x00 in it, `block[start − 1 … end)` is what a leaf hash is over (RFC 6962 §2.1).
 */
export type VisitLine = (block: Uint8Array, start: number, end: number) => void;

/** Cuts chunks into lines. The chunks are its own to write into. */
export class LineSplitter {
  readonly #limit: number;
  /** The line begun: a spare byte, then its bytes. */
  #rest: Uint8Array = new Uint8Array(4096);
  #length = 1;

  /** A line of more than `limit` bytes is cut there: it cannot be an entry, and must not fill the memory. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes behind the last newline. */
  get pending(): number {
    return this.#length - 1;
  }

  push(chunk: Uint8Array, visit: VisitLine): void {
    let end = chunk.indexOf(NEWLINE);
    // The first line of a chunk continues the rest of the one before, or has no spare byte in front of it.
    this.#keep(end === -1 ? chunk : chunk.subarray(0, end));
    if (end === -1) return;
    const length = this.#length;
    this.#length = 1;
    visit(this.#rest, 1, length);
    for (;;) {
      const start = end + 1;
      end = chunk.indexOf(NEWLINE, start);
      if (end === -1) {
        this.#keep(chunk.subarray(start));
        return;
      }
      visit(chunk, start, end);
    }
  }

  /** Forgets the line begun. */
  reset(): void {
    this.#length = 1;
  }

  #keep(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, Math.max(0, this.#limit + 2 - this.#length));
    const length = this.#length + kept.length;
    if (length > this.#rest.length) {
      const larger = new Uint8Array(length * 2);
      larger.set(this.#rest.subarray(0, this.#length));
      this.#rest = larger;
    }
    this.#rest.set(kept, this.#length);
    this.#length = length;
  }
}
