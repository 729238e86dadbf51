// Calls of `record()` that found the queue full: first come, first served, each for a limited time.
import { AuditError } from '../errors.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import type { Waiter } from './waiter.ts';

interface Guest {
  readonly event: PreparedEvent;
  readonly waiter: Waiter;
}

export class WaitingRoom {
  readonly #timeout: number;
  readonly #left: (event: PreparedEvent, waiter: Waiter, error: AuditError) => void;
  #guests: Guest[] = [];
  #timer: NodeJS.Timeout | undefined;
  #entered = 0;
  #gone = 0;
  #watchers: { readonly upTo: number; readonly resolve: () => void }[] = [];

  /**
   * @param timeout milliseconds until `QUEUE_FULL`
   * @param left told of each event that went away without being recorded, and who waits for it
   */
  constructor(timeout: number, left: (event: PreparedEvent, waiter: Waiter, error: AuditError) => void) {
    this.#timeout = timeout;
    this.#left = left;
  }

  get size(): number {
    return this.#guests.length;
  }

  enter(event: PreparedEvent, waiter: Waiter): void {
    this.#guests.push({ event, waiter });
    this.#entered++;
    this.#arm();
  }

  /** Lets in as many as `admit` takes, in order. */
  admit(admit: (event: PreparedEvent, waiter: Waiter) => boolean): void {
    let served = 0;
    while (served < this.#guests.length) {
      const { event, waiter } = this.#guests[served]!;
      if (!admit(event, waiter)) break;
      served++;
    }
    this.#remove(served);
  }

  /** Sends everybody away. */
  clear(error: (id: string) => AuditError): void {
    const guests = this.#guests;
    this.#remove(guests.length);
    for (const { event, waiter } of guests) {
      this.#left(event, waiter, error(waiter.id));
    }
  }

  /** Resolves when all who wait now were let in or sent away. */
  served(): Promise<void> {
    if (this.#guests.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ upTo: this.#entered, resolve }));
  }

  /** Their events, in order. */
  pending(): PreparedEvent[] {
    return this.#guests.map(({ event }) => event);
  }

  // All wait equally long, so the first to have come is the first to go: one timer is enough.
  #arm(): void {
    const first = this.#guests[0];
    if (first === undefined || this.#timer !== undefined) return;
    const remaining = first.waiter.at + this.#timeout - performance.now();
    this.#timer = setTimeout(() => this.#expire(), Math.max(1, remaining));
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    let gone = 0;
    while (gone < this.#guests.length && this.#guests[gone]!.waiter.at + this.#timeout <= now) {
      const { event, waiter } = this.#guests[gone++]!;
      this.#left(event, waiter, full(waiter.id, this.#timeout));
    }
    this.#remove(gone);
    this.#arm();
  }

  #remove(count: number): void {
    if (count > 0) this.#guests = this.#guests.slice(count);
    this.#gone += count;
    if (this.#guests.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    while (this.#watchers.length > 0 && this.#watchers[0]!.upTo <= this.#gone)
      this.#watchers.shift()!.resolve();
  }
}

function full(id: string, timeout: number): AuditError {
  return new AuditError(
    'QUEUE_FULL',
    `The event was not recorded: the queue was full for ${timeout} ms. Record it again with this id, send less, ` +
      'or raise queueEvents, queueBytes or queueTimeout.',
    { id },
  );
}
