// The one error class of the package. May be imported from anywhere; imports nothing.

/** Every reason an `AuditError` can have. Closed: a new one is a change of the public surface. */
export type AuditErrorCode =
  // the caller's event or options
  | 'EVENT_INVALID'
  | 'ID_CONFLICT'
  | 'OPTIONS_INVALID'
  | 'LOG_UNSET'
  // recording
  | 'QUEUE_FULL'
  | 'LOG_CLOSED'
  | 'LOG_STOPPED'
  | 'COMMIT_UNCERTAIN'
  | 'SIGNER_DOWN'
  | 'DROPPED'
  | 'SPOOLED'
  | 'LOG_REFUSING'
  // the store
  | 'STORE_CONFLICT'
  | 'STORE_IO'
  | 'FENCED'
  | 'LOCKED'
  | 'LOG_MISSING'
  | 'LOG_ROLLED_BACK'
  | 'LOG_DAMAGED'
  | 'LOG_TAMPERED'
  | 'LOG_VERSION'
  | 'KEY_MISSING'
  | 'KEY_INVALID'
  | 'NOT_SUPPORTED'
  | 'ARCHIVE_INVALID'
  | 'BACKUP_INVALID'
  // reading and checking
  | 'NOTE_INVALID'
  | 'PROOF_INVALID'
  | 'NOT_FOUND'
  | 'NOT_SIGNED';

export interface AuditErrorOptions extends ErrorOptions {
  /** The id of the event concerned, where there is one: record it again with this id. */
  readonly id?: string;
}

/** What went wrong (`code`), what to do about it (`message`), and why (`cause`). */
export class AuditError extends Error {
  override readonly name: string = 'AuditError';
  readonly code: AuditErrorCode;
  /** The id of the event concerned, where there is one. */
  readonly id?: string;

  constructor(code: AuditErrorCode, message: string, options: AuditErrorOptions = {}) {
    super(message, options);
    this.code = code;
    if (options.id !== undefined) this.id = options.id;
  }
}

/** Another writer was first: reload the head, sequence the batch again, try once more. */
export class StoreConflictError extends AuditError {
  override readonly name = 'StoreConflictError';

  constructor(message: string, options?: AuditErrorOptions) {
    super('STORE_CONFLICT', message, options);
  }
}
