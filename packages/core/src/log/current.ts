// One log for the process, for code that is not handed one.
import { AuditError } from '../errors.ts';
import type { AuditLog } from './types.ts';

// On globalThis, so that two copies of this package in one process share one log.
const KEY = Symbol.for('@audit/core:log');
const shared = globalThis as unknown as Record<symbol, AuditLog | undefined>;

/** Makes `log` the one `getAuditLog()` returns; `undefined` takes it back. */
export function setAuditLog(log: AuditLog | undefined): void {
  shared[KEY] = log;
}

/** @throws AuditError `LOG_UNSET` where `setAuditLog` was not called */
export function getAuditLog(): AuditLog {
  const log = shared[KEY];
  if (log === undefined) {
    throw new AuditError(
      'LOG_UNSET',
      'No audit log is set for this process: call setAuditLog(await openAuditLog({ … })) once at start.',
    );
  }
  return log;
}
