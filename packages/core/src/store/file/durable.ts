// Writing a small file so that a power cut leaves the old one or the new one, never half of either.
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { Disk, DiskFile } from './disk.ts';
import { DIRECTORY_MODE, FILE_MODE } from './node-disk.ts';

/** Ending of files that are not in place yet; whatever carries it at open is left over and removed. */
export const TEMPORARY_SUFFIX = '.tmp';

/**
 * Puts `data` at `path`: create `path.tmp` · write · fsync · rename over `path` · and, where `named` is true, fsync of
 * the folder. A crash before the rename leaves `path.tmp`, which the next call removes; a crash after it, without
 * `named`, may bring the old file back, which callers must be able to live with.
 */
export async function replaceFile(
  disk: Disk,
  path: string,
  data: string | Uint8Array,
  { named = true }: { readonly named?: boolean } = {},
): Promise<void> {
  const temporary = path + TEMPORARY_SUFFIX;
  await removeFile(disk, temporary);
  const file = await disk.create(temporary, FILE_MODE);
  try {
    await file.write(data, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
  if (named) await disk.syncDirectory(dirname(path));
}

/**
 * Puts `data` at `path` where nothing is, and answers whether it did: temporary file · write · fsync · link to its name ·
 * unlink · fsync of the folder. `link` fails where the name is taken, so of two who are at it one wins.
 */
export async function createOnce(disk: Disk, path: string, data: string | Uint8Array): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}${TEMPORARY_SUFFIX}`);
  const file = await disk.create(temporary, FILE_MODE);
  let created = true;
  try {
    await file.write(data, 0);
    await file.sync();
    await disk.link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    created = false;
  } finally {
    await file.close();
    await disk.unlink(temporary);
  }
  await disk.syncDirectory(folder);
  return created;
}

/** Removes a file; a missing one is fine. */
export async function removeFile(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The whole of a small file as bytes; null where there is none. */
export async function readFile(disk: Disk, path: string): Promise<Uint8Array | null> {
  const file = await disk.open(path);
  if (file === null) return null;
  try {
    return await file.read(0, await file.size());
  } finally {
    await file.close();
  }
}

/** The same as text. */
export async function readText(disk: Disk, path: string): Promise<string | null> {
  const bytes = await readFile(disk, path);
  return bytes === null ? null : Buffer.from(bytes).toString('utf8');
}

/** What `first` makes of a file just opened; where it fails, the file does not stay open. */
export async function closeOnError<T>(file: DiskFile, first: () => Promise<T>): Promise<T> {
  try {
    return await first();
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
}

/** Makes a folder that only its owner can enter, and its name durable. Its parent must exist. */
export async function makeDirectory(disk: Disk, path: string): Promise<void> {
  if (await disk.mkdir(path, DIRECTORY_MODE)) await disk.syncDirectory(dirname(path));
}
