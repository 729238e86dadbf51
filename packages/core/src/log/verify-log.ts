// Verification of an open log by the process that writes it, with its own key pinned.
import { nodeHasher } from '../merkle/node-hasher.ts';
import { nodeSignatures } from '../note/node-primitives.ts';
import type { Signer } from '../note/signer.ts';
import { parseVerifierKey } from '../note/verifier-key.ts';
import type { VerifyReport } from '../verify/report.ts';
import type { LogSource } from '../verify/source.ts';
import { verifyLog } from '../verify/verify-log.ts';
import type { VerifyLogOptions } from './types.ts';

/** What `verify()` of a log runs over its source, which is opened anew each time. */
export async function verifyOpenLog(
  openSource: () => LogSource | Promise<LogSource>,
  signer: Signer,
  { keys, ...options }: VerifyLogOptions,
): Promise<VerifyReport> {
  return verifyLog(await openSource(), {
    ...options,
    keys: keys?.map((vkey) => parseVerifierKey(vkey, nodeSignatures)) ?? [signer.key],
    hasher: nodeHasher,
    primitives: nodeSignatures,
  });
}
