// Lines of the spool whose HMAC fails: kept beside it as they were found, never recorded, never thrown away.
import { dirname } from 'node:path';
import type { Disk } from '../store/file/disk.ts';
import { FILE_MODE } from '../store/file/node-disk.ts';

/**
 * Appends the lines to the file at `path`: create and fsync of the folder where it is not there · write · fdatasync.
 * Before the file they were found in goes; a crash in between puts them there once more.
 */
export async function quarantineLines(disk: Disk, path: string, lines: readonly Uint8Array[]): Promise<void> {
  const there = await disk.open(path);
  const file = there ?? (await disk.create(path, FILE_MODE));
  try {
    if (there === null) await disk.syncDirectory(dirname(path));
    await file.write(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])), await file.size());
    await file.datasync();
  } finally {
    await file.close();
  }
}
