// What is not as it should be, in sentences: conditions that last and were told once.
import type { Subscribers } from './subscribers.ts';

/** What can be wrong; each has one sentence at a time. */
export type Condition = 'signer' | 'store' | 'loss' | 'spool' | 'diverted' | 'stopped';

export class Conditions {
  readonly #current = new Map<Condition, string>();
  readonly #subscribers: Subscribers;

  constructor(subscribers: Subscribers) {
    this.#subscribers = subscribers;
  }

  /** Begins, or goes on with the newest sentence; told to `degraded` when it begins. */
  begin(condition: Condition, reason: string): void {
    const began = !this.#current.has(condition);
    this.#current.set(condition, reason);
    if (began) this.#subscribers.tell('degraded', { reason });
  }

  end(condition: Condition): void {
    this.#current.delete(condition);
  }

  get reasons(): string[] {
    return [...this.#current.values()];
  }
}
