// The one error class of the package. Imports nothing.

/** Every reason an `AuditAgentError` can have. */
export type AuditAgentErrorCode =
  /** Strict, and the log could not take it: `result` is what was done all the same, where something was. */
  | 'NOT_RECORDED'
  /** The command could not be started. */
  | 'NOT_STARTED'
  /** A limit that was asked for cannot be held to here. */
  | 'LIMIT_UNAVAILABLE'
  /** A function took longer than `timeout`. */
  | 'TIMED_OUT'
  /** What was to be the report of a scanner is none. */
  | 'REPORT_INVALID'
  /** A scanner gave no report. */
  | 'ASSESSMENT_FAILED';

/** What went wrong (`code`), what to do about it (`message`), and why (`cause`). */
export class AuditAgentError extends Error {
  override readonly name = 'AuditAgentError';
  readonly code: AuditAgentErrorCode;
  /** With `NOT_RECORDED`, once something was done: what it came to. */
  readonly result?: unknown;

  constructor(code: AuditAgentErrorCode, message: string, options: ErrorOptions & { result?: unknown } = {}) {
    super(message, options);
    this.code = code;
    if (options.result !== undefined) this.result = options.result;
  }
}
