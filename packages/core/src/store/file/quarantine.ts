// Bytes found past the last commit: never acknowledged, not authenticated, never signed as events, never thrown away.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Disk, DiskFile } from './disk.ts';
import { makeDirectory, removeFile, TEMPORARY_SUFFIX } from './durable.ts';
import { ENTRIES_DIRECTORY, QUARANTINE_DIRECTORY, segmentFirst } from './layout.ts';
import { FILE_MODE } from './node-disk.ts';

/** Ending of a quarantined file until the `log.recover` entry that names it is committed. */
const UNREPORTED = '.new';
const CHUNK = 1024 * 1024;

/**
 * Copies `file` from `offset` to its end into `quarantine/<size>-<sha256>.new`, makes copy and name durable, and only
 * then cuts the original and syncs it. A crash in between repeats harmlessly: the name is the content.
 */
export async function quarantineTail(
  disk: Disk,
  directory: string,
  size: number,
  file: DiskFile,
  offset: number,
): Promise<void> {
  const end = await file.size();
  if (end <= offset) return;
  const folder = join(directory, QUARANTINE_DIRECTORY);
  await makeDirectory(disk, folder);
  const sha256 = createHash('sha256');
  const temporary = join(folder, `${size}${TEMPORARY_SUFFIX}`);
  await removeFile(disk, temporary);
  const copy = await disk.create(temporary, FILE_MODE);
  try {
    for (let at = offset; at < end; at += CHUNK) {
      const chunk = await file.read(at, Math.min(CHUNK, end - at));
      sha256.update(chunk);
      await copy.write(chunk, at - offset);
    }
    await copy.sync();
  } finally {
    await copy.close();
  }
  await disk.rename(temporary, join(folder, `${size}-${sha256.digest('hex')}${UNREPORTED}`));
  await disk.syncDirectory(folder);
  await file.truncate(offset);
  await file.sync();
}

/** Whole segments that begin at or past `size`, other than the one the commit names: quarantined, then removed. */
export async function quarantineSegments(
  disk: Disk,
  directory: string,
  size: number,
  active: string,
): Promise<void> {
  const entries = join(directory, ENTRIES_DIRECTORY);
  let removed = false;
  for (const name of (await disk.list(entries)) ?? []) {
    const first = segmentFirst(name);
    if (first === null || first < size || name === active) continue;
    const path = join(entries, name);
    const file = await disk.open(path);
    if (file === null) continue;
    try {
      await quarantineTail(disk, directory, size, file, 0);
    } finally {
      await file.close();
    }
    await disk.unlink(path);
    removed = true;
  }
  if (removed) await disk.syncDirectory(entries);
}

/** Names (without `.new`) of what lies in quarantine and no `log.recover` has told yet. */
export async function unreported(disk: Disk, directory: string): Promise<string[]> {
  const names = (await disk.list(join(directory, QUARANTINE_DIRECTORY))) ?? [];
  return names.filter((name) => name.endsWith(UNREPORTED)).map((name) => name.slice(0, -UNREPORTED.length));
}

/** Drops `.new` once a committed `log.recover` names the file. A crash before it repeats the report, no more. */
export async function markReported(disk: Disk, directory: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const folder = join(directory, QUARANTINE_DIRECTORY);
  for (const name of names) await disk.rename(join(folder, name + UNREPORTED), join(folder, name));
  await disk.syncDirectory(folder);
}
