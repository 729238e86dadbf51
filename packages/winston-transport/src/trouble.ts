// What goes wrong on the way into the log, and how often it is said. Imports nothing.

/**
 * - `NOT_RECORDED`: records were lost; `cause` says why and `lost` how many
 * - `NOT_FLUSHED`: what the log has taken is not durable; `finish` does not come
 * - `LOG_DEGRADED`: the log says that something is wrong with it
 * - `CALLBACK_FAILED`: `select` or `event` threw; the record was recorded without it
 */
export type AuditTransportErrorCode = 'NOT_RECORDED' | 'NOT_FLUSHED' | 'LOG_DEGRADED' | 'CALLBACK_FAILED';

/** What the transport tells by `warn`, or by `error` where it is strict. */
export class AuditTransportError extends Error {
  override readonly name = 'AuditTransportError';
  readonly code: AuditTransportErrorCode;
  /** Records lost since it was told last; 0 where it is not about records. */
  readonly lost: number;

  constructor(code: AuditTransportErrorCode, message: string, cause?: unknown, lost = 0) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.lost = lost;
  }
}

/** A failure that lasts is told at most this often, in milliseconds: a listener may well log what it is told. */
export const TELL_INTERVAL = 1_000;

/** Counts always, speaks now and then. */
export class Trouble {
  readonly #tell: (error: AuditTransportError) => void;
  readonly #toldAt = new Map<AuditTransportErrorCode, number>();
  #untold = 0;
  #cause: unknown;

  constructor(tell: (error: AuditTransportError) => void) {
    this.#tell = tell;
  }

  lost(cause: unknown): void {
    this.#untold++;
    this.#cause = cause;
    if (this.#isDue('NOT_RECORDED')) this.tellLoss();
  }

  /** Says what has not been said. */
  tellLoss(): void {
    if (this.#untold === 0) return;
    const lost = this.#untold;
    this.#untold = 0;
    const why = this.#cause instanceof Error ? this.#cause.message : String(this.#cause);
    const records = lost === 1 ? 'A log record was' : `${lost} log records were`;
    this.#tell(new AuditTransportError('NOT_RECORDED', `${records} not recorded: ${why}`, this.#cause, lost));
  }

  callbackFailed(option: string, cause: unknown): void {
    if (!this.#isDue('CALLBACK_FAILED')) return;
    const message = `options.${option} of the audit transport throws; the record is recorded without it.`;
    this.#tell(new AuditTransportError('CALLBACK_FAILED', message, cause));
  }

  degraded(reason: string): void {
    this.#tell(new AuditTransportError('LOG_DEGRADED', reason));
  }

  #isDue(code: AuditTransportErrorCode): boolean {
    const now = performance.now();
    if (now - (this.#toldAt.get(code) ?? Number.NEGATIVE_INFINITY) < TELL_INTERVAL) return false;
    this.#toldAt.set(code, now);
    return true;
  }
}
