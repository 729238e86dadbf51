// Calls of `flush()` in line for the position of the queue they wait for.
import type { AuditError } from '../errors.ts';

interface Flush {
  readonly upTo: number;
  readonly resolve: () => void;
  readonly reject: (error: AuditError) => void;
}

/** Positions only grow, so the first in line is the first to be served. */
export class FlushLine {
  #waiting: Flush[] = [];

  /** Resolves once `serve` was told of `upTo` events. */
  wait(upTo: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ upTo, resolve, reject }));
  }

  /** @param released events ever released by the queue */
  serve(released: number): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.upTo <= released) this.#waiting.shift()!.resolve();
  }

  fail(error: AuditError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
