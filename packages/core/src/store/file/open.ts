// Opening a file store: find, lock, create where there is nothing, else recover. formats.md, *Open*.
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { AuditError } from '../../errors.ts';
import { DEFAULT_LOCK_TIMEOUT, DEFAULT_SEGMENT_AGE, DEFAULT_SEGMENT_BYTES } from '../../log/options.ts';
import { isOrigin } from '../../note/key-name.ts';
import { checkCreatable, createFiles } from './create.ts';
import type { Disk } from './disk.ts';
import { makeDirectory, readText } from './durable.ts';
import { FileStore } from './file-store.ts';
import { type FoundHighWater, readHighWater } from './high-water.ts';
import { loadOrCreateKey } from './key-file.ts';
import { COMMIT_FILE, KEY_FILE, LOCK_FILE } from './layout.ts';
import { defaultLock, type Release, type TryLock, waitForLock } from './lock.ts';
import { withModes } from './modes.ts';
import { FILE_MODE, nodeDisk } from './node-disk.ts';
import type { FileStoreOptions, Place } from './options.ts';
import { recover } from './recover.ts';

export type { FileStoreOptions } from './options.ts';

/**
 * Opens the log in a directory, creating it where there is none.
 *
 * @throws AuditError `LOG_MISSING` · `LOG_DAMAGED` · `LOG_ROLLED_BACK` · `LOG_TAMPERED` · `LOG_VERSION` · `KEY_MISSING` ·
 *   `KEY_INVALID` · `LOCKED` · `OPTIONS_INVALID`; none of them after anything was changed · `STORE_IO`
 */
export async function openFileStore(options: FileStoreOptions): Promise<FileStore> {
  const directory = resolve(options.directory);
  try {
    return await openIn(directory, options);
  } catch (error) {
    // Mistakes of the caller and findings speak for themselves; what a system call says does not.
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new AuditError(
      'STORE_IO',
      `${directory} cannot be opened (${error.message}): its parent folder must exist, and this process must own it and find room there`,
      { cause: error },
    );
  }
}

async function openIn(directory: string, options: FileStoreOptions): Promise<FileStore> {
  const stateDirectory = resolve(options.stateDirectory ?? `${directory}.private`);
  // An empty variable is one that was not set: compose files make such.
  const keyFile = resolve(options.keyFile ?? (process.env.AUDIT_KEY_FILE || join(stateDirectory, KEY_FILE)));
  const disk = withModes(options.disk ?? nodeDisk, { directory, stateDirectory }, options);
  const place: Place = { disk, directory, stateDirectory, keyFile };
  if (options.origin !== undefined && !isOrigin(options.origin)) {
    throw new AuditError(
      'OPTIONS_INVALID',
      `origin: ${JSON.stringify(options.origin)} cannot name a log; use a schema-less URL such as shop.example/audit`,
    );
  }
  const tryLock = options.tryLock ?? defaultLock();
  const timeout = options.lockTimeout ?? DEFAULT_LOCK_TIMEOUT;
  const release = await lockLog(place, options, tryLock, timeout);
  try {
    const clock = options.clock ?? Date;
    const files = await recover(place, options, release);
    return new FileStore(files, {
      clock,
      segmentBytes: options.segmentBytes ?? DEFAULT_SEGMENT_BYTES,
      segmentAge: options.segmentAge ?? DEFAULT_SEGMENT_AGE,
    });
  } catch (error) {
    await release();
    throw error;
  }
}

/** Takes the lock on `commit`, creating the log first where there is none. */
async function lockLog(
  place: Place,
  options: FileStoreOptions,
  tryLock: TryLock,
  timeout: number,
): Promise<Release> {
  const { disk, directory } = place;
  const commit = join(directory, COMMIT_FILE);
  if (!(await exists(disk, commit)) && (await isAbsent(place, options))) {
    await makeDirectory(disk, directory);
    // Creators meet on `lock`, for `commit` is not there to be locked yet.
    const lockFile = join(directory, LOCK_FILE);
    if (!(await exists(disk, lockFile))) await createQuietly(disk, lockFile);
    const release = await waitForLock(tryLock, lockFile, timeout, () => describeOwner(place));
    try {
      if (!(await exists(disk, commit))) await create(place, options);
    } finally {
      await release();
    }
  }
  const release = await waitForLock(tryLock, commit, timeout, () => describeOwner(place));
  try {
    await writeOwner(place);
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}

/**
 * False where another process has made the log meanwhile: what was seen of it without its `commit` looks like one that
 * lost it.
 */
async function isAbsent(place: Place, options: FileStoreOptions): Promise<boolean> {
  try {
    await checkAbsent(place, options, await readHighWater(place.disk, place.stateDirectory));
    return true;
  } catch (error) {
    if (await exists(place.disk, join(place.directory, COMMIT_FILE))) return false;
    throw error;
  }
}

/** There is no `commit`: is it a log not made yet, or one that is gone? */
async function checkAbsent(
  place: Place,
  options: FileStoreOptions,
  highWater: FoundHighWater,
): Promise<void> {
  if (highWater !== undefined) {
    throw new AuditError(
      'LOG_MISSING',
      `${place.stateDirectory} remembers a log that is not at ${place.directory}: put it back or, to begin a new one, give another directory or remove ${place.stateDirectory}`,
    );
  }
  await checkCreatable(place.disk, place.directory);
  if (options.origin === undefined) {
    throw new AuditError(
      'OPTIONS_INVALID',
      'origin: a new log needs one, a schema-less URL such as shop.example/audit',
    );
  }
}

/** Key first, then files, `commit` next to last, high-water last. */
async function create(place: Place, options: FileStoreOptions): Promise<void> {
  const { disk, directory, stateDirectory } = place;
  const origin = options.origin!;
  await makeDirectory(disk, stateDirectory);
  let vkey = options.signer?.key.vkey;
  if (vkey === undefined) {
    // Past the permissions of the log: wherever it lies, the key is its owner's.
    const own = options.disk ?? nodeDisk;
    const key = await loadOrCreateKey(own, { path: place.keyFile, origin }, options.keyType ?? 'ed25519');
    vkey = key.signer.key.vkey;
    if (key.created) options.onKeyCreated?.(vkey);
  }
  await createFiles(disk, directory, stateDirectory, origin, vkey);
}

async function exists(disk: Disk, path: string): Promise<boolean> {
  const file = await disk.open(path);
  await file?.close();
  return file !== null;
}

async function createQuietly(disk: Disk, path: string): Promise<void> {
  try {
    await (await disk.create(path, FILE_MODE)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** `lock` tells people who writes. It is no lock: not synced, and stale after a crash. */
async function writeOwner({ disk, directory }: Place): Promise<void> {
  const path = join(directory, LOCK_FILE);
  const file = (await disk.open(path)) ?? (await disk.create(path, FILE_MODE));
  try {
    const owner = { host: hostname(), pid: process.pid, start: new Date().toISOString() };
    await file.truncate(0);
    await file.write(`${JSON.stringify(owner)}\n`, 0);
  } finally {
    await file.close();
  }
}

async function describeOwner({ disk, directory }: Place): Promise<string> {
  try {
    const owner = JSON.parse((await readText(disk, join(directory, LOCK_FILE))) ?? '') as {
      host: string;
      pid: number;
      start: string;
    };
    return `process ${owner.pid} on ${owner.host}, since ${owner.start}`;
  } catch {
    return 'another process';
  }
}
