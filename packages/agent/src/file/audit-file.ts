// Access to a file on record: which bytes were there before, and which after.
import { type AuditEvent, fileAccess, type Outcome } from '@audit/core';
import { checkNames, filled, oneOf, whole } from '../check.ts';
import { factsOver } from '../facts.ts';
import { RECORDING_NAMES, Recording, type RecordingOptions } from '../recording.ts';
import { type FileState, stateOf } from './hash-file.ts';

/** What is done with a file. */
export type FileMode = 'read' | 'create' | 'write' | 'append' | 'delete';
const MODES: readonly FileMode[] = ['read', 'create', 'write', 'append', 'delete'];

/** Bytes of a file that is hashed; a longer one has its size on record only. */
export const DEFAULT_HASHED = 1_073_741_824;

export interface FileOptions extends RecordingOptions {
  /** Default `read`. */
  readonly mode?: FileMode | undefined;
  /** Bytes. Default `DEFAULT_HASHED`; 0 hashes nothing. */
  readonly hashed?: number | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

const NAMES = [...RECORDING_NAMES, 'mode', 'hashed', 'data'];

/**
 * Records `file.access` around `fn`, which does it: with the hash of the file before and, if it may have changed, after.
 * The hashes are of the moments before and after; who else writes to the file meanwhile is not told apart. Where the file cannot
 * be read after it, nothing is said of what it is then.
 *
 * @returns what `fn` returns
 * @throws what `fn` throws; what the file system says of a file that cannot be read; AuditAgentError `NOT_RECORDED`, where
 *   strict; TypeError, RangeError naming the option
 */
export async function auditFile<T>(
  path: string,
  fn: (path: string) => T | PromiseLike<T>,
  options: FileOptions = {},
): Promise<Awaited<T>> {
  checkNames(options, NAMES);
  filled('path', path);
  if (typeof fn !== 'function') throw new TypeError('auditFile takes a path and a function that uses it');
  const mode = oneOf('mode', options.mode ?? 'read', MODES);
  const hashed = whole('hashed', options.hashed ?? DEFAULT_HASHED, 0);
  const recording = new Recording(options);
  const event = (outcome: Outcome, facts: object, error?: unknown): AuditEvent =>
    fileAccess({
      ...factsOver(options.data, { path, mode, ...facts }),
      outcome,
      ...(error !== undefined && { error: error instanceof Error ? error : { message: String(error) } }),
    });
  const told = (before: FileState | undefined, after?: FileState) => {
    const bytes = (after ?? before)?.bytes;
    const existed = before?.exists;
    const exists = after?.exists;
    return { bytes, hashBefore: before?.sha256, hashAfter: after?.sha256, existed, exists };
  };

  await recording.begin(event('unknown', {}));
  let before: FileState | undefined;
  let value: Awaited<T>;
  try {
    before = await stateOf(path, hashed);
    value = await fn(path);
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    const outcome = code === 'EACCES' || code === 'EPERM' ? 'denied' : 'failure';
    // A change may have been made in part.
    const after = mode === 'read' ? undefined : await stateOf(path, hashed).catch(() => undefined);
    await recording.end(event(outcome, told(before, after), error), error);
    throw error;
  }
  const after = mode === 'read' ? undefined : await stateOf(path, hashed).catch(() => undefined);
  await recording.end(event('success', told(before, after)), value);
  return value;
}
