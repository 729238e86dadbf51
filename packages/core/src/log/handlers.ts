// The chain of responsibility every event passes in the caller, before it is checked: enrich, divert, drop.
import type { AuditEvent } from '../event/model.ts';
import type { EventHandler } from './types.ts';

/** What `run` returns for an event that was not passed on; no caller can hand it in. */
export const DROPPED = Symbol('dropped');

/** Handlers in the order of `use()`. */
export class HandlerChain {
  readonly #handlers: EventHandler[] = [];
  readonly #threw: (error: unknown) => void;

  /** @param threw told of each handler that throws; the event goes on as that handler got it */
  constructor(threw: (error: unknown) => void) {
    this.#threw = threw;
  }

  add(handler: EventHandler): void {
    if (typeof handler !== 'function') {
      throw new TypeError('handler must be a function (event, next): call next(event) to pass the event on');
    }
    this.#handlers.push(handler);
  }

  /** The event as the last handler passed it on, or `DROPPED` where one of them did not. */
  run(event: AuditEvent): AuditEvent | typeof DROPPED {
    let current: AuditEvent | typeof DROPPED = event;
    for (const handler of this.#handlers) {
      current = this.#pass(handler, current);
      if (current === DROPPED) break;
    }
    return current;
  }

  // `next` counts while the handler runs: an event is recorded as it was at the call, not some time later.
  #pass(handler: EventHandler, event: AuditEvent): AuditEvent | typeof DROPPED {
    let passed = DROPPED as AuditEvent | typeof DROPPED;
    let running = true;
    try {
      handler(event, (changed) => {
        if (running && passed === DROPPED) passed = changed;
      });
    } catch (error) {
      this.#threw(error);
      if (passed === DROPPED) passed = event;
    }
    running = false;
    return passed;
  }
}
