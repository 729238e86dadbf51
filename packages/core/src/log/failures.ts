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
export function gaveUp(code: AuditErrorCode, pending: number, spools: boolean): AuditError {
  const away = code === 'SIGNER_DOWN' ? 'signer' : 'store';
  const kept = spools ? ' Those of them that are in the spool are, when the log is opened again.' : '';
  return new AuditError(
    code,
    `The log was closed while the ${away} was away: ${pending} entries were not recorded, log.close among them.${kept}`,
  );
}

/** `record()` of an event that is durable, but not in the log yet. */
export function spooled(id: string, why: string): AuditError {
  return new AuditError(
    'SPOOLED',
    `The event is not recorded yet (${why}). It is kept in the spool and will appear in the log; there is nothing to do.`,
    { id },
  );
}

/** `flush()` while what waits has to go on waiting. */
export function stillSpooled(events: number, why: string): AuditError {
  return new AuditError(
    'SPOOLED',
    `${events} events wait in the spool (${why}). They are durable, and will appear in the log when that has ended.`,
  );
}

export function logClosed(id?: string): AuditError {
  return new AuditError(
    'LOG_CLOSED',
    'The log is closed: open it again, or record before close().',
    id === undefined ? {} : { id },
  );
}

/** `divert()` */
export function refusing(id: string, reason: string, cause?: Error): AuditError {
  return new AuditError(
    'LOG_REFUSING',
    `The event was not recorded: the log takes none for now (${reason}). Record it again with this id later.`,
    { id, cause },
  );
}

/** An event nobody waits for found no place in the spool. */
export function spoolFailed(id: string, cause: Error): AuditError {
  return new AuditError(
    'STORE_IO',
    `The event was not recorded: the spool cannot be written (${cause.message}). Mend its folder, or name another by spoolDirectory.`,
    { id, cause },
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
