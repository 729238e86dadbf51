// Says at intervals that the log is alive, where nothing else does.

/** Calls `beat` after each `interval` milliseconds without `touch`. Never keeps the process alive. */
export class Heartbeat {
  readonly #interval: number;
  readonly #beat: () => void;
  #timer: NodeJS.Timeout | undefined;
  #touched = performance.now();

  /** @param interval 0 for never */
  constructor(interval: number, beat: () => void) {
    this.#interval = interval;
    this.#beat = beat;
    this.#arm(interval);
  }

  /** Something was committed. */
  touch(): void {
    this.#touched = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(delay: number): void {
    if (this.#interval === 0) return;
    this.#timer = setTimeout(() => {
      const remaining = this.#touched + this.#interval - performance.now();
      if (remaining <= 0) {
        this.touch();
        this.#beat();
      }
      this.#arm(remaining > 0 ? remaining : this.#interval);
    }, delay);
    this.#timer.unref();
  }
}
