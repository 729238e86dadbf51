// One limit and what is observed of it: when a violation opens, is told again, and is over. Pure.
import type { Reading } from './reading.ts';

export interface ThresholdTiming {
  /** How long it must be over the limit to open, in milliseconds. */
  readonly sustainedMs: number;
  /** How long it must be under the limit to close, in milliseconds. */
  readonly calmMs: number;
  /** It is told again at most this often, in milliseconds. */
  readonly updateInterval: number;
  /** Under the limit is what is below this share of it. */
  readonly release: number;
}

export type Phase = 'opened' | 'updated' | 'closed';

/**
 * Hysteresis twice over: a value that goes to and fro across its limit is one violation, since it is over only when
 * the value stays below `release` of the limit for `calmMs`.
 */
export class Threshold {
  readonly #timing: ThresholdTiming;
  /** Over the limit since then; undefined while nothing is open or about to be. */
  #since: number | undefined;
  #calmSince: number | undefined;
  #open = false;
  #toldAt = 0;
  #reading: Reading | undefined;
  #peak = 0;

  constructor(timing: ThresholdTiming) {
    this.#timing = timing;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Over its limit, or not yet long enough under it: worth a look before others. */
  get tense(): boolean {
    return this.#since !== undefined;
  }

  /** The last one there was. */
  get reading(): Reading | undefined {
    return this.#reading;
  }

  /** Highest value since it is over the limit. */
  get peak(): number {
    return this.#peak;
  }

  /** How long it has been over the limit, or was. */
  sustainedMs(now: number): number {
    return this.#since === undefined ? 0 : Math.max(0, Math.round((this.#calmSince ?? now) - this.#since));
  }

  /** What `reading`, taken `now`, means. null: the limit does not apply any more. */
  read(reading: Reading | null, now: number): Phase | undefined {
    if (reading === null) return this.#under(now);
    this.#reading = reading;
    const began = now - (reading.forMs ?? 0);
    if (reading.observed >= reading.limit) return this.#over(reading.observed, began, now);
    if (reading.observed >= reading.limit * this.#timing.release) return this.#between(now);
    return this.#under(now, began);
  }

  /** Ends what is open or about to be: the container is gone, or nobody looks any more. */
  reset(): void {
    this.#open = false;
    this.#since = this.#calmSince = undefined;
    this.#peak = 0;
  }

  #over(observed: number, began: number, now: number): Phase | undefined {
    this.#calmSince = undefined;
    this.#since ??= began;
    this.#peak = Math.max(this.#peak, observed);
    if (this.#open) return this.#update(now);
    if (now - this.#since < this.#timing.sustainedMs) return undefined;
    this.#open = true;
    this.#toldAt = now;
    return 'opened';
  }

  #between(now: number): Phase | undefined {
    this.#calmSince = undefined;
    if (this.#open) return this.#update(now);
    this.reset();
    return undefined;
  }

  /** Leaves what `closed` is told from until the next `reset` or violation. */
  #under(now: number, began: number = now): Phase | undefined {
    if (!this.#open) {
      this.reset();
      return undefined;
    }
    this.#calmSince ??= began;
    return now - this.#calmSince < this.#timing.calmMs ? undefined : 'closed';
  }

  #update(now: number): Phase | undefined {
    if (now - this.#toldAt < this.#timing.updateInterval) return undefined;
    this.#toldAt = now;
    return 'updated';
  }
}
