// Who listens. Not an EventEmitter: a missing or throwing listener never matters to the log.
import type { AuditLogEvents } from './types.ts';

type Name = keyof AuditLogEvents;
type Listener<K extends Name> = (event: AuditLogEvents[K]) => unknown;

export class Subscribers {
  readonly #listeners: { [K in Name]: Set<Listener<K>> } = {
    checkpoint: new Set(),
    entry: new Set(),
    degraded: new Set(),
    error: new Set(),
  };

  #tellingError = false;

  /** Returns the function that unsubscribes. One function subscribed twice is called once. */
  add<K extends Name>(name: K, listener: Listener<K>): () => void {
    const listeners = this.#listeners[name] as Set<Listener<K>> | undefined;
    if (listeners === undefined) {
      throw new RangeError(`name must be checkpoint, entry, degraded or error, got ${JSON.stringify(name)}`);
    }
    if (typeof listener !== 'function') throw new TypeError('listener must be a function');
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** True where it is worth making the event. */
  has(name: Name): boolean {
    return this.#listeners[name].size > 0;
  }

  tell<K extends Name>(name: K, event: AuditLogEvents[K]): void {
    if (name !== 'error') {
      this.#call(name, event);
      return;
    }
    // What goes wrong while errors are told would go round in circles.
    if (this.#tellingError) return;
    this.#tellingError = true;
    this.#call(name, event);
    this.#tellingError = false;
  }

  #call<K extends Name>(name: K, event: AuditLogEvents[K]): void {
    for (const listener of this.#listeners[name]) {
      try {
        const result = listener(event);
        // An async listener that rejects would otherwise end the process.
        if (result instanceof Promise) result.catch((error) => this.#threw(name, error));
      } catch (error) {
        this.#threw(name, error);
      }
    }
  }

  #threw(name: Name, error: unknown): void {
    if (name === 'error') return;
    this.tell(
      'error',
      new Error(`A listener for "${name}" threw; the log is not affected.`, { cause: error }),
    );
  }
}
