// A file as a policy.
import { readFile } from 'node:fs/promises';
import { type ParseOptions, type Policy, parsePolicy } from './parse.ts';
import { PolicyError } from './problem.ts';

/**
 * Reads a policy from a file. Paths in it are taken from the working directory, as on a command line.
 *
 * @throws PolicyError `POLICY_UNREADABLE` where the file cannot be read or is not UTF-8, `POLICY_INVALID` with every
 *   problem in it
 */
export async function loadPolicy(file: string, options: Omit<ParseOptions, 'file'> = {}): Promise<Policy> {
  return parsePolicy(await readText(file), { ...options, file });
}

async function readText(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
    throw new PolicyError('POLICY_UNREADABLE', `The policy ${file} cannot be read: ${reason}.`, [], {
      cause: error,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new PolicyError('POLICY_UNREADABLE', `The policy ${file} is not UTF-8: save it as that.`, [], {
      cause: error,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
};
