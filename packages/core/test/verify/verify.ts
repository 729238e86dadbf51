// Verification as the tests call it.
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { nodeSignatures } from '../../src/note/node-primitives.ts';
import { parseVerifierKey } from '../../src/note/verifier-key.ts';
import { openFileSource } from '../../src/store/file/source.ts';
import type { VerifyOptions } from '../../src/verify/options.ts';
import type { Finding, FindingCode, VerifyReport } from '../../src/verify/report.ts';
import { verifyLog } from '../../src/verify/verify-log.ts';
import type { Key } from './fixture.ts';

/** Verifies a directory with one pinned key. */
export async function verify(
  directory: string,
  key: Key | null,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  return verifyLog(await openFileSource(directory), {
    hasher: nodeHasher,
    primitives: nodeSignatures,
    ...(key === null ? {} : { keys: [parseVerifierKey(key.vkey, nodeSignatures)] }),
    ...options,
  });
}

/** The findings that are held against the log, as `code seq`. */
export function held(report: VerifyReport): string[] {
  return report.findings.map(inShort);
}

export function inShort({ code, seq }: Finding): string {
  if (seq === null) return code;
  return typeof seq === 'number' ? `${code} ${seq}` : `${code} ${seq.from}-${seq.to}`;
}

export function only(report: VerifyReport, ...codes: FindingCode[]): boolean {
  return report.findings.every(({ code }) => codes.includes(code));
}
