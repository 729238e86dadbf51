// Room on the disk the log lies on: a full disk stops the log before it stops anything else.
import { statfs } from 'node:fs/promises';
import { bytes } from '../render/quantity.ts';
import { bad, type Check, ok, type Patient, warn } from './check.ts';

/** Less than this, and recording fails soon: a batch, its tree and the notes must fit. */
const LITTLE = 64 * 1024 * 1024;
/** A segment (256 MiB) and its compressed copy must fit beside each other when the log rotates. */
const COMFORTABLE = 1024 * 1024 * 1024;

export async function checkSpace({ directory }: Patient): Promise<Check[]> {
  const name = 'disk space';
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  if (free < LITTLE) {
    return [
      bad(name, `Only ${bytes(free)} are free.`, 'Make room: with a full disk the log refuses new entries.'),
    ];
  }
  if (free < COMFORTABLE) {
    return [warn(name, `${bytes(free)} are free.`, 'Make room, or move old segments off by retention.')];
  }
  return [ok(name, `${bytes(free)} are free.`)];
}
