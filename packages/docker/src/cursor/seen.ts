// Messages that were handled: what comes again is told by it. Imports nothing.

/** Keys kept: sixteen times what an engine can send again. */
export const SEEN_MESSAGES = 4_096;

export class Seen {
  readonly #keys = new Set<string>();

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    this.#keys.add(key);
    if (this.#keys.size <= SEEN_MESSAGES) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      return;
    }
  }

  clear(): void {
    this.#keys.clear();
  }
}
