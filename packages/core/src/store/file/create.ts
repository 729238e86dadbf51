// A new log's files, in an order that makes an interrupted creation start over instead of looking like a log.
import { join } from 'node:path';
import { AuditError } from '../../errors.ts';
import { emptyCommit } from './commit-file.ts';
import type { Disk } from './disk.ts';
import { makeDirectory, readFile, removeFile, replaceFile, TEMPORARY_SUFFIX } from './durable.ts';
import { writeHighWater } from './high-water.ts';
import {
  COMMIT_FILE,
  ENTRIES_DIRECTORY,
  OWN_NAMES,
  QUARANTINE_DIRECTORY,
  segmentFirst,
  segmentName,
  TREE_DIRECTORY,
  VKEY_FILE,
} from './layout.ts';
import { FILE_MODE } from './node-disk.ts';

/**
 * Refuses to create a log over anything that could be one, or over somebody's files. Called where there is neither
 * `commit` nor a high-water mark.
 * @throws AuditError `LOG_DAMAGED` entries without a commit · `OPTIONS_INVALID` a folder in use for something else
 */
export async function checkCreatable(disk: Disk, directory: string): Promise<void> {
  const names = (await disk.list(directory)) ?? [];
  const foreign = names.filter(
    (name) => !OWN_NAMES.has(name) && !name.endsWith(TEMPORARY_SUFFIX) && !/^lock\.(.*\.)?sock/.test(name),
  );
  if (foreign.length > 0) {
    throw new AuditError(
      'OPTIONS_INVALID',
      `directory: ${directory} holds no audit log but other files (${foreign.slice(0, 3).join(', ')}): give an empty or new directory`,
    );
  }
  for (const name of (await disk.list(join(directory, ENTRIES_DIRECTORY))) ?? []) {
    const bytes = await readFile(disk, join(directory, ENTRIES_DIRECTORY, name));
    if (segmentFirst(name) !== null && bytes !== null && bytes.length > 0) {
      throw new AuditError(
        'LOG_DAMAGED',
        `${directory} holds entries but neither commit nor high-water says what of them stands: restore both from a backup; nothing was changed`,
      );
    }
  }
}

/**
 * The files of an empty log: folders · empty segment · verifier key · `commit` (temporary file, sync, rename, sync of the
 * folder) · high-water. Until `commit` is named, a crash leaves nothing that counts as a log, and the next open runs
 * this again; between `commit` and high-water, a log of size 0.
 */
export async function createFiles(
  disk: Disk,
  directory: string,
  stateDirectory: string,
  origin: string,
  vkey: string,
): Promise<void> {
  for (const name of [ENTRIES_DIRECTORY, TREE_DIRECTORY, QUARANTINE_DIRECTORY]) {
    await makeDirectory(disk, join(directory, name));
  }
  const entries = join(directory, ENTRIES_DIRECTORY);
  for (const name of (await disk.list(entries)) ?? []) await removeFile(disk, join(entries, name));
  await (await disk.create(join(entries, segmentName(0)), FILE_MODE)).close();
  await disk.syncDirectory(entries);
  await replaceFile(disk, join(directory, VKEY_FILE), `${vkey}\n`);
  await replaceFile(disk, join(directory, COMMIT_FILE), emptyCommit());
  await writeHighWater(disk, stateDirectory, { origin, size: 0, note: '' });
}
