// Small files named on the command line: keys, checkpoints, proofs, entries. Read once, bounded, with errors for people.
import { readFile, stat } from 'node:fs/promises';
import { CommandError } from '../exit.ts';

/** More than any key file, note, proof or entry has; a log given by mistake is not read into memory. */
const MOST_BYTES = 1024 * 1024;

/** @throws CommandError that says which file and why */
export async function readSmallFile(path: string, what: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new CommandError(`${what} ${path} has ${size} bytes; that cannot be right.`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${what} ${path} cannot be read: ${systemReason(error)}.`, { cause: error });
  }
}

/** All of standard input. */
export async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'part of its path is not a directory',
  EEXIST: 'it exists already',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

/** A system error in words. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (code || (error instanceof Error ? error.message : String(error)));
}
