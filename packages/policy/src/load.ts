// A file as a policy.
import { type ParseOptions, type Policy, parsePolicy } from './parse.ts';
import { readTextFile } from './source/text-file.ts';

/**
 * Reads a policy from a file, and what it extends. Paths in it are taken from the working directory, as on a command
 * line; only `extends` is taken from where its file is.
 *
 * @throws PolicyError `POLICY_UNREADABLE` where the file cannot be read or is not UTF-8, `POLICY_INVALID` with every
 *   problem in it
 */
export async function loadPolicy(file: string, options: Omit<ParseOptions, 'file'> = {}): Promise<Policy> {
  return parsePolicy(readTextFile(file), { ...options, file });
}
