// Brings alerts to one channel: within its rate, the most severe first, again and again until it took them.
import type { Alert } from './alert.ts';
import { Bucket } from './bucket.ts';
import { type Channel, DeliveryError } from './channels/channel.ts';
import type { AlertRate } from './options.ts';
import { weightOf } from './outbox.ts';

/** Before the second attempt, in milliseconds; doubled with each that fails. */
export const FIRST_RETRY = 1_000;
/** Attempts at one time, while none fails. */
export const DELIVERIES_AT_ONCE = 4;
/** Longer waits that a receiver asks for are cut to this, in milliseconds. */
export const LONGEST_RETRY_AFTER = 3_600_000;

/** What happens to a channel's alerts. */
export interface CourierHooks {
  /** False where it was dropped meanwhile. */
  wanted(alert: Alert): boolean;
  delivered(alert: Alert, attempts: number): void;
  /** An attempt failed; `first` of several in a row, by any alert. It is tried again. */
  failing(alert: Alert, error: DeliveryError, first: boolean): void;
  /** It is not tried any more. */
  gaveUp(alert: Alert, error: DeliveryError, attempts: number): void;
}

export interface CourierOptions {
  readonly channel: Channel;
  readonly rate: AlertRate;
  /** Milliseconds, each. */
  readonly timeout: number;
  readonly retryFor: number;
  readonly retryMax: number;
  /** Wall clock. */
  readonly now: () => number;
  readonly hooks: CourierHooks;
}

interface Item {
  readonly alert: Alert;
  attempts: number;
  /** By the clock that is never set. */
  notBefore: number;
}

export class Courier {
  readonly #options: CourierOptions;
  readonly #bucket: Bucket;
  readonly #waiting = new Set<Item>();
  readonly #attempts = new Set<Promise<void>>();
  /** In a row. */
  #failures = 0;
  #notBefore = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#bucket = new Bucket(options.rate);
  }

  /** Alerts that wait, and those on their way. */
  get pending(): number {
    return this.#waiting.size + this.#attempts.size;
  }

  /** Attempts that failed since one did not. */
  get failures(): number {
    return this.#failures;
  }

  add(alert: Alert): void {
    this.#waiting.add({ alert, attempts: 0, notBefore: 0 });
    this.#next();
  }

  /** The alert is no longer to be delivered. */
  forget(id: string): void {
    for (const item of this.#waiting) if (item.alert.id === id) this.#waiting.delete(item);
  }

  /** Begins no attempt any more, and waits for those that are on their way: each ends within its time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#attempts);
    await this.#options.channel.close();
  }

  #next(): void {
    clearTimeout(this.#timer);
    while (!this.#stopped && this.#waiting.size > 0) {
      // One that failed is asked by one attempt at a time whether it is back.
      if (this.#attempts.size >= (this.#failures > 0 ? 1 : DELIVERIES_AT_ONCE)) return;
      const now = performance.now();
      const item = this.#mostUrgent(now);
      const wait = Math.max(
        this.#bucket.wait(),
        this.#notBefore - now,
        item === undefined ? this.#soonest() - now : 0,
      );
      if (item === undefined || wait > 0) {
        this.#timer = setTimeout(() => this.#next(), Math.ceil(wait));
        this.#timer.unref();
        return;
      }
      this.#bucket.take();
      this.#waiting.delete(item);
      const attempt = this.#attempt(item).finally(() => {
        this.#attempts.delete(attempt);
        this.#next();
      });
      this.#attempts.add(attempt);
    }
  }

  /** The most severe that may be tried now, of those the oldest. */
  #mostUrgent(now: number): Item | undefined {
    let best: Item | undefined;
    for (const item of this.#waiting) {
      if (item.notBefore > now) continue;
      if (best === undefined || weightOf(item.alert) > weightOf(best.alert)) best = item;
    }
    return best;
  }

  #soonest(): number {
    let soonest = Number.POSITIVE_INFINITY;
    for (const { notBefore } of this.#waiting) soonest = Math.min(soonest, notBefore);
    return soonest;
  }

  async #attempt(item: Item): Promise<void> {
    const { channel, timeout, hooks } = this.#options;
    item.attempts++;
    try {
      await channel.deliver(item.alert, AbortSignal.timeout(timeout));
    } catch (error) {
      this.#failed(item, asDeliveryError(error));
      return;
    }
    this.#failures = 0;
    this.#notBefore = 0;
    hooks.delivered(item.alert, item.attempts);
  }

  #failed(item: Item, error: DeliveryError): void {
    const { retryFor, now, hooks } = this.#options;
    if (now() - Date.parse(item.alert.at) >= retryFor) {
      hooks.gaveUp(item.alert, error, item.attempts);
    } else if (hooks.wanted(item.alert)) {
      item.notBefore = performance.now() + this.#backOff(item.attempts, error);
      this.#waiting.add(item);
      hooks.failing(item.alert, error, this.#failures === 0);
    }
    this.#failures++;
    this.#notBefore = performance.now() + this.#backOff(this.#failures, error);
  }

  /** Doubling, of which a random half, so that many who lost one receiver do not come back to it at one time. */
  #backOff(attempts: number, { retryAfter = 0 }: DeliveryError): number {
    const most = Math.min(this.#options.retryMax, FIRST_RETRY * 2 ** Math.min(attempts - 1, 30));
    return Math.max(most / 2 + (Math.random() * most) / 2, Math.min(retryAfter, LONGEST_RETRY_AFTER));
  }
}

function asDeliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return new DeliveryError(typeof code === 'string' ? code : `an error (${String(name ?? 'unknown')})`);
}
