// What callers are told when an event is not, or not yet, recorded: one sentence each, with the id to retry with.
import { AuditError, type AuditErrorCode } from '../errors.ts';

export function signerDown(id: string, timeout: number): AuditError {
  return new AuditError(
    'SIGNER_DOWN',
    `The event is not signed yet: the signer has been away for ${timeout} ms. It may still appear in the log; record it again with this id.`,
    { id },
  );
}

export function commitUncertain(id: string, cause?: Error): AuditError {
  const again =
    cause === undefined ? 'record it again with this id' : 'open the log again and record it with this id';
  return new AuditError(
    'COMMIT_UNCERTAIN',
    `The store failed before the event was safe. It may still appear in the log; ${again}.`,
    cause === undefined ? { id } : { id, cause },
  );
}

/** The log ended before the event was committed. */
export function turnedAway(id: string, cause: AuditError): AuditError {
  const code = cause.code === 'SIGNER_DOWN' || cause.code === 'COMMIT_UNCERTAIN' ? cause.code : 'LOG_STOPPED';
  return new AuditError(
    code,
    `The event was not recorded, the log has stopped: ${cause.message} Open the log again and record it with this id.`,
    { id, cause },
  );
}

/** `close()` did not wait for ever. */
export function gaveUp(code: AuditErrorCode, pending: number): AuditError {
  const away = code === 'SIGNER_DOWN' ? 'signer' : 'store';
  return new AuditError(
    code,
    `The log was closed while the ${away} was away: ${pending} entries were not recorded, log.close among them.`,
  );
}

export function logClosed(id?: string): AuditError {
  return new AuditError(
    'LOG_CLOSED',
    'The log is closed: open it again, or record before close().',
    id === undefined ? {} : { id },
  );
}

/** `divert('refuse')` */
export function refusing(id: string, reason: string): AuditError {
  return new AuditError(
    'LOG_REFUSING',
    `The event was not recorded: the log takes none for now (${reason}). Record it again with this id later.`,
    { id },
  );
}

export function noSpool(): AuditError {
  return new AuditError(
    'OPTIONS_INVALID',
    'spoolDirectory is missing: a log over a store of its own needs one to spool events.',
  );
}

export function dropped(id: string): AuditError {
  return new AuditError(
    'DROPPED',
    'A handler added with use() did not pass the event on: it is not recorded.',
    { id },
  );
}
