// What was received and is not in the log yet: bounded, in order. The socket is read into it without waiting for
// anybody. Imports nothing.

export class Queue<T> {
  readonly #limit: number;
  #items: T[] = [];
  #wake: (() => void) | null = null;
  #closed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#items.length;
  }

  /** False where there is no room. */
  offer(item: T): boolean {
    if (this.#items.length >= this.#limit || this.#closed) return false;
    this.push(item);
    return true;
  }

  /** Takes it in any case: for the few things that are not the engine's messages. */
  push(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** Whatever is there, at most `count`; waits for the first. Empty once the queue is closed and was emptied. */
  async take(count: number): Promise<readonly T[]> {
    while (this.#items.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    if (this.#items.length <= count) {
      const all = this.#items;
      this.#items = [];
      return all;
    }
    return this.#items.splice(0, count);
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }
}
