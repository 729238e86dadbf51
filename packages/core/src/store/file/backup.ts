// Backups of a log: each is the whole log as it stood at one commit, in a folder of its own that verifies by itself.
// Reads the log's files, also of one that is being written; writes only below the folder of the backups.
import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { AuditError } from '../../errors.ts';
import { parseCheckpoint } from '../../note/checkpoint.ts';
import { nodeSignatures } from '../../note/node-primitives.ts';
import { parseNote } from '../../note/note.ts';
import { parseVerifierKey } from '../../note/verifier-key.ts';
import { type BackupOptions, type BackupReport, DEFAULT_BACKUPS_KEPT } from './backup-options.ts';
import { emptyCommit } from './commit-file.ts';
import { readFile, readText, replaceFile, TEMPORARY_SUFFIX } from './durable.ts';
import {
  CHECKPOINT_FILE,
  CHECKPOINTS_FILE,
  COMMIT_FILE,
  ENTRIES_DIRECTORY,
  HASH_BYTES,
  KEPT_FILE,
  SEALED_SUFFIX,
  segmentFirst,
  TREE_DIRECTORY,
  VKEY_FILE,
} from './layout.ts';
import { DIRECTORY_MODE, FILE_MODE, nodeDisk } from './node-disk.ts';
import { decodeSlot, encodeSlot, SLOT_BYTES, type Slot } from './slot.ts';
import { TreeFiles } from './tree-files.ts';
import { verifyDirectory } from './verify-directory.ts';

/** A log that is written meanwhile may be compressed or pruned under the copy: it is begun anew so often. */
const ATTEMPTS = 5;
/** `20260131T120000.000Z-0000000000001234`: when, and how many entries. Sorts by time. */
const NAME = /^\d{8}T\d{6}\.\d{3}Z-\d{16}$/;

/** A committed state: what the newest good slot says. */
interface Commit {
  readonly slot: Slot;
  readonly size: number;
}

/**
 * Copies a log as it stands at its newest commit. Files are written and synced in `<name>.tmp` · the copy is verified ·
 * renamed · the folder synced · and only then backups beyond `keep` go, the oldest first. A crash leaves a `.tmp`, which
 * the next backup removes. Made by one process at a time.
 *
 * @throws RangeError `keep` · AuditError `BACKUP_INVALID` the copy does not verify as intact, or lies within the log ·
 *   `LOG_MISSING` nothing is committed there · `STORE_IO` the system refuses to read or write
 */
export async function backupLog(options: BackupOptions): Promise<BackupReport> {
  const { keep = DEFAULT_BACKUPS_KEPT, signal } = options;
  if (!Number.isSafeInteger(keep) || keep < 1) throw new RangeError(`keep must be 1 or more, got ${keep}`);
  const directory = resolve(options.directory);
  const backups = resolve(options.backups);
  if (`${backups}${sep}`.startsWith(`${directory}${sep}`)) {
    throw new AuditError(
      'BACKUP_INVALID',
      `${backups} lies within the log: give the backups a folder elsewhere`,
    );
  }
  try {
    await mkdir(backups, { recursive: true, mode: DIRECTORY_MODE });
    await removeLeftOver(backups);
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      const commit = await newestCommit(directory);
      const name = nameOf(commit.size, options.now ?? Date.now());
      const temporary = join(backups, name + TEMPORARY_SUFFIX);
      await copyLog(directory, temporary, commit);
      const problem = await whyNotIntact(temporary, commit, options);
      if (problem === null) {
        await rename(temporary, join(backups, name));
        await nodeDisk.syncDirectory(backups);
        const removed = await removeOld(backups, keep);
        return { backup: join(backups, name), size: commit.size, removed };
      }
      await rm(temporary, { recursive: true });
      if (attempt === ATTEMPTS) {
        throw new AuditError(
          'BACKUP_INVALID',
          `a copy of ${directory} is not intact (${problem}): run audit verify on the log; no backup was made, and none was removed`,
        );
      }
    }
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new AuditError(
      'STORE_IO',
      `${directory} could not be copied to ${backups} (${error.message}): make room, or let this user read and write there; backups made before stand`,
      { cause: error },
    );
  }
}

async function newestCommit(directory: string): Promise<Commit> {
  const bytes = (await readFile(nodeDisk, join(directory, COMMIT_FILE))) ?? new Uint8Array();
  const commits = [0, SLOT_BYTES].flatMap((at): Commit[] => {
    const reading = decodeSlot(bytes.subarray(at, at + SLOT_BYTES));
    if (reading.state !== 'good') return [];
    return [{ slot: reading.slot, size: parseCheckpoint(parseNote(reading.slot.note).text).size }];
  });
  const newest = commits.sort((a, b) => b.size - a.size)[0];
  if (newest === undefined) throw new AuditError('LOG_MISSING', `nothing is committed in ${directory}`);
  return newest;
}

async function copyLog(from: string, to: string, { slot, size }: Commit): Promise<void> {
  await mkdir(to, { mode: DIRECTORY_MODE });
  await copyEntries(join(from, ENTRIES_DIRECTORY), join(to, ENTRIES_DIRECTORY), slot, size);
  await copyTree(join(from, TREE_DIRECTORY), join(to, TREE_DIRECTORY), size);
  for (const name of [KEPT_FILE, VKEY_FILE]) {
    await copy(join(from, name), join(to, name));
  }
  const notes = (await readText(nodeDisk, join(from, CHECKPOINTS_FILE))) ?? '';
  await replaceFile(nodeDisk, join(to, CHECKPOINTS_FILE), notesUpTo(notes, size));
  await replaceFile(nodeDisk, join(to, CHECKPOINT_FILE), slot.note);
  const commit = emptyCommit();
  commit.set(encodeSlot(slot), 0);
  await replaceFile(nodeDisk, join(to, COMMIT_FILE), commit);
  await nodeDisk.syncDirectory(to);
}

/** What was sealed whole, the segment of the commit up to its offset. One that is gone meanwhile is seen by verification. */
async function copyEntries(from: string, to: string, { segment, offset }: Slot, size: number): Promise<void> {
  await mkdir(to, { mode: DIRECTORY_MODE });
  const names = await readdir(from);
  for (const name of names) {
    const first = segmentFirst(name);
    // Where a segment is there both ways, the plain file counts.
    const twice = name.endsWith(SEALED_SUFFIX) && names.includes(name.slice(0, -SEALED_SUFFIX.length));
    if (first === null || first >= size || twice) continue;
    if (await copy(join(from, name), join(to, name), name === segment ? offset : undefined)) continue;
    // Compressed since the folder was listed. The commit's own segment is longer then than the commit: begun anew.
    if (name !== segment) await copy(join(from, name + SEALED_SUFFIX), join(to, name + SEALED_SUFFIX));
  }
  await nodeDisk.syncDirectory(to);
}

async function copyTree(from: string, to: string, size: number): Promise<void> {
  await mkdir(to, { mode: DIRECTORY_MODE });
  for (let level = 0; TreeFiles.width(level, size) > 0; level++) {
    const bytes = TreeFiles.width(level, size) * HASH_BYTES;
    await copy(join(from, String(level)), join(to, String(level)), bytes);
  }
  await nodeDisk.syncDirectory(to);
}

/** Later notes would say of the copy that it is truncated. */
function notesUpTo(text: string, size: number): string {
  const lines = text.split('\n').filter((line) => {
    try {
      return parseCheckpoint(parseNote(JSON.parse(line) as string).text).size <= size;
    } catch {
      return false; // a torn last line
    }
  });
  return lines.map((line) => `${line}\n`).join('');
}

async function whyNotIntact(
  copied: string,
  { size }: Commit,
  options: BackupOptions,
): Promise<string | null> {
  const { keys, signal } = options;
  const report = await verifyDirectory(copied, {
    ...(keys && { keys: keys.map((vkey) => parseVerifierKey(vkey, nodeSignatures)) }),
    ...(signal && { signal }),
  });
  if (report.verdict === 'intact' && report.size === size) return null;
  const [finding] = report.findings;
  return finding === undefined
    ? `${report.verdict} at ${report.size} entries`
    : `${finding.code}: ${finding.message}`;
}

/** `.tmp` folders with names of ours. */
async function removeLeftOver(backups: string): Promise<void> {
  for (const name of await readdir(backups)) {
    if (!name.endsWith(TEMPORARY_SUFFIX) || !NAME.test(name.slice(0, -TEMPORARY_SUFFIX.length))) continue;
    await rm(join(backups, name), { recursive: true });
  }
}

async function removeOld(backups: string, keep: number): Promise<readonly string[]> {
  const ours = (await readdir(backups)).filter((name) => NAME.test(name)).sort();
  const old = ours.slice(0, Math.max(0, ours.length - keep));
  for (const name of old) await rm(join(backups, name), { recursive: true });
  if (old.length > 0) await nodeDisk.syncDirectory(backups);
  return old;
}

function nameOf(size: number, now: number): string {
  const time = new Date(now).toISOString().replace(/[-:]/g, '');
  return `${time}-${String(size).padStart(16, '0')}`;
}

/** The whole of a file, or no more than its first bytes; false where it is gone. A shorter one is seen by verification. */
async function copy(from: string, to: string, most = Number.POSITIVE_INFINITY): Promise<boolean> {
  if ((await copyFile(from, to).then(() => true, absent)) === undefined) return false;
  const file = await open(to, 'r+');
  try {
    await file.chmod(FILE_MODE);
    if ((await file.stat()).size > most) await file.truncate(most);
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

/** For what may be gone: anything else is thrown. */
function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return undefined;
}
