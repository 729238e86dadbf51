// How long callers wait for somebody who is away, the signer or the store.

/** Looks this many times within the limit, so callers wait at most that much longer. */
const LOOKS = 20;
const SHORTEST_LOOK = 5;
const LONGEST_LOOK = 250;

/** Runs only while somebody is away. */
export class Patience {
  readonly #limit: number;
  readonly #look: (cutoff: number, since: number) => void;
  #since: number | null = null;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param limit milliseconds
   * @param look called now and then: whoever was handed in before `cutoff` has waited long enough; `since` is when the
   *   absence began, both by `performance.now()`
   */
  constructor(limit: number, look: (cutoff: number, since: number) => void) {
    this.#limit = limit;
    this.#look = look;
  }

  /** Since when somebody is away; null while nobody is. */
  get since(): number | null {
    return this.#since;
  }

  begin(): void {
    if (this.#since !== null) return;
    this.#since = performance.now();
    const every = Math.min(LONGEST_LOOK, Math.max(SHORTEST_LOOK, this.#limit / LOOKS));
    this.#timer = setInterval(() => {
      const since = this.#since!;
      const now = performance.now();
      // Nobody is sent away for what happened before the absence began.
      if (now - since >= this.#limit) this.#look(now - this.#limit, since);
    }, every);
  }

  end(): void {
    this.#since = null;
    clearInterval(this.#timer);
  }
}
