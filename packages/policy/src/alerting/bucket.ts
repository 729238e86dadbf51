// A rate, kept: tokens that come back with time.
import type { AlertRate } from './options.ts';

export class Bucket {
  readonly #rate: AlertRate;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /**
   * @param now milliseconds of a clock that is never set
   * @throws RangeError where the rate lets nothing through
   */
  constructor(rate: AlertRate, now: () => number = () => performance.now()) {
    if (!(rate.alerts >= 1 && rate.within > 0)) {
      throw new RangeError('rate must be of 1 alert or more, within a time of more than 0 milliseconds');
    }
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.alerts;
    this.#at = now();
  }

  /** Whether one more is within the rate; then it counts. */
  take(): boolean {
    if (this.wait() > 0) return false;
    this.#tokens--;
    return true;
  }

  /** Milliseconds until one more is within the rate. */
  wait(): number {
    const { alerts, within } = this.#rate;
    const now = this.#now();
    this.#tokens = Math.min(alerts, this.#tokens + ((now - this.#at) * alerts) / within);
    this.#at = now;
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * within) / alerts);
  }
}
