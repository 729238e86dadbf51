// What winston hands to a transport, as this package reads it. Imports nothing.

/**
 * One log record. The same object goes to every transport of a logger, so nothing in this package writes to it.
 * `message` may be anything an application logs.
 */
export interface LogInfo {
  readonly level: string;
  readonly message: unknown;
  readonly [key: string | symbol]: unknown;
}

/** The level winston filters by: `level` itself may have been coloured by a format. (The symbols are triple-beam's.) */
export const LEVEL: unique symbol = Symbol.for('level');
/** Arguments after the message. */
export const SPLAT: unique symbol = Symbol.for('splat');

/** The winston level of a record. */
export function levelOf(info: LogInfo): string {
  return String(info[LEVEL] ?? info.level);
}

/** True for what winston's `handleExceptions` and `handleRejections` log. */
export function isUncaught(info: LogInfo): boolean {
  return info.exception === true || info.rejection === true;
}
