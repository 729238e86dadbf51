// What has a beginning, an end and a context in between: agents and sessions. Imports types only.
import type { AuditContext } from '@audit/core';

/** Ends once, however often it is asked to. */
export class Ending {
  #ended: Promise<void> | undefined;

  get over(): boolean {
    return this.#ended !== undefined;
  }

  /** @returns the same promise each time */
  once(end: () => Promise<void>): Promise<void> {
    this.#ended ??= end();
    return this.#ended;
  }
}

/** Something that other code runs inside of. */
export interface Scope extends AsyncDisposable {
  /** What entries recorded inside of `run` say of who acts. */
  readonly context: AuditContext;
  /** Runs `fn` in that context, and gives back what it returns. */
  run<T>(fn: () => T): T;
}
