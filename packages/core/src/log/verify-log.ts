// Verification of an open log by the process that writes it, with its own key pinned unless others are given.
import { nodeHasher } from '../merkle/node-hasher.ts';
import { nodeSignatures } from '../note/node-primitives.ts';
import type { Signer, VerifierKey } from '../note/signer.ts';
import { parseVerifierKey } from '../note/verifier-key.ts';
import { verifyDirectory } from '../store/file/verify-directory.ts';
import type { VerifyReport } from '../verify/report.ts';
import type { LogSource } from '../verify/source.ts';
import { verifyLog } from '../verify/verify-log.ts';
import type { VerifyLogOptions } from './types.ts';

/** Over the directory of a file store. */
export function verifyOwnDirectory(
  directory: string,
  stateDirectory: string | undefined,
  signer: Signer,
  options: VerifyLogOptions,
): Promise<VerifyReport> {
  return verifyDirectory(directory, { ...options, stateDirectory, keys: keysOf(options, signer) });
}

/** Over any other store. */
export function verifyOwnSource(
  source: LogSource,
  signer: Signer,
  options: VerifyLogOptions,
): Promise<VerifyReport> {
  const keys = keysOf(options, signer);
  return verifyLog(source, { ...options, keys, hasher: nodeHasher, primitives: nodeSignatures });
}

function keysOf({ keys }: VerifyLogOptions, signer: Signer): readonly VerifierKey[] {
  return keys?.map((vkey) => parseVerifierKey(vkey, nodeSignatures)) ?? [signer.key];
}
