// Verification of an open log by its own means.
import { AuditError } from '../errors.ts';
import type { Signer } from '../note/signer.ts';
import type { AuditStore } from '../store/store.ts';
import type { VerifyReport } from '../verify/report.ts';
import type { VerifyLogOptions } from './types.ts';

/** What `verify()` of a log runs: over its directory where it has one, else over its store. */
export function logVerifier(
  _directory: string | undefined,
  _store: AuditStore,
  _signer: Signer,
  _location: string,
): (options: VerifyLogOptions) => Promise<VerifyReport> {
  return async () => {
    throw new AuditError('NOT_FOUND', 'Verification is not there yet.');
  };
}
