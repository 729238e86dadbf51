// Options of an audited client, and what is wrong with them.
import type { Actor, AuditLog, Trace } from '@audit/core';

/** Who asks the engine, and where that is recorded. */
export interface AuditDockerOptions {
  /** The log to record in. Default: `getAuditLog()`, looked up for each call. */
  readonly log?: AuditLog | undefined;
  /** Who asks the engine, or how to find out at each call. Wins over the actor of `withAuditContext`. */
  readonly actor?: Actor | (() => Actor | null | undefined) | undefined;
  /** Wins over the trace of `withAuditContext`, field by field. */
  readonly trace?: Trace | undefined;
}

const NAMES: readonly string[] = ['log', 'actor', 'trace'];

/** @throws TypeError naming the option that is unknown or not of its type */
export function checkAuditDockerOptions(options: AuditDockerOptions): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object');
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`options.${unknown} is not an option; there are ${NAMES.join(', ')}`);
  }
  const { log, actor, trace } = options;
  if (log !== undefined && typeof log?.emit !== 'function') {
    throw new TypeError('options.log must be an open audit log: pass what openAuditLog() resolves with');
  }
  if (actor !== undefined && typeof actor !== 'function' && typeof actor?.id !== 'string') {
    throw new TypeError('options.actor must be { type, id } or a function that returns one');
  }
  if (trace !== undefined && (typeof trace !== 'object' || trace === null)) {
    throw new TypeError('options.trace must be an object such as { requestId }');
  }
}
