// How long to wait before the next attempt to reach the engine. Imports nothing.

/** A stream that was open this long, in milliseconds, was a success: the waits begin anew. */
export const SETTLED_AFTER = 5_000;

export class BackOff {
  readonly #min: number;
  readonly #max: number;
  readonly #random: () => number;
  #next: number;

  /** @param random for tests */
  constructor(min: number, max: number, random: () => number = Math.random) {
    this.#min = min;
    this.#max = max;
    this.#random = random;
    this.#next = min;
  }

  /** Milliseconds: doubled each time, between half of it and all, so that many watchers do not come at once. */
  delay(): number {
    const whole = this.#next;
    this.#next = Math.min(this.#max, whole * 2);
    return Math.ceil(whole / 2 + (this.#random() * whole) / 2);
  }

  reset(): void {
    this.#next = this.#min;
  }
}
