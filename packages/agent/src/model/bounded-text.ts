// Text that comes in parts, kept up to a bound. Imports nothing.

/** Characters that are kept of what a model writes. No model writes as much; a server that is none might. */
const MOST = 4_194_304;

export class BoundedText {
  #parts: string[] = [];
  #kept = 0;
  #seen = false;

  add(part: unknown): void {
    if (typeof part !== 'string') return;
    this.#seen = true;
    const room = MOST - this.#kept;
    if (room <= 0) return;
    this.#parts.push(part.slice(0, room));
    this.#kept += Math.min(part.length, room);
  }

  /** Undefined where there never was any. */
  get text(): string | undefined {
    if (!this.#seen) return undefined;
    this.#parts = [this.#parts.join('')];
    return this.#parts[0];
  }
}
