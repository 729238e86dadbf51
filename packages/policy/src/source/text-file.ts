// The text of a policy file: whole, and UTF-8, or refused in a sentence.
import { readFileSync } from 'node:fs';
import { PolicyError } from '../problem.ts';

/** @throws PolicyError `POLICY_UNREADABLE` */
export function readTextFile(file: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
    throw unreadable(`The policy ${file} cannot be read: ${reason}.`, error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(`The policy ${file} is not UTF-8: save it as that.`, error);
  }
}

function unreadable(message: string, cause: unknown): PolicyError {
  return new PolicyError('POLICY_UNREADABLE', message, [], { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
};
