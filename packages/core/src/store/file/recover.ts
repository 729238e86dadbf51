// Opening a log that is there: what stands, what is left over, what contradicts it. Called under the lock.
import { dirname, join } from 'node:path';
import { AuditError } from '../../errors.ts';
import { EMPTY_ROOT } from '../../merkle/hasher.ts';
import { parseCheckpoint } from '../../note/checkpoint.ts';
import { nodeSignatures } from '../../note/node-primitives.ts';
import { parseNote } from '../../note/note.ts';
import type { Signer, VerifierKey } from '../../note/signer.ts';
import { parseVerifierKey } from '../../note/verifier-key.ts';
import { checkLastEntry, checkLastTile, checkPrefix, checkTree, firstOfLastTile } from './check-head.ts';
import { type ChosenSlot, checkAgainst, chooseSlot, type Evidence, genuineOrNothing } from './choose-slot.ts';
import { CommitFile, type Slots } from './commit-file.ts';
import { finishSealing } from './compress.ts';
import type { Disk, DiskFile } from './disk.ts';
import { closeOnError, readText, removeFile, TEMPORARY_SUFFIX } from './durable.ts';
import { checkHighWaterOrigin, type FoundHighWater, readHighWater, writeHighWater } from './high-water.ts';
import { loadKey } from './key-file.ts';
import {
  CHECKPOINT_FILE,
  CHECKPOINTS_FILE,
  COMMIT_FILE,
  ENTRIES_DIRECTORY,
  QUARANTINE_DIRECTORY,
  segmentFirst,
  segmentName,
  TREE_DIRECTORY,
  VKEY_FILE,
} from './layout.ts';
import type { Release } from './lock.ts';
import { Marks } from './marks.ts';
import { FILE_MODE } from './node-disk.ts';
import { NotesFile } from './notes-file.ts';
import type { FileStoreOptions, Place } from './options.ts';
import { finishPrune, lastPrune } from './prune.ts';
import { markReported, quarantineSegments, quarantineTail, unreported } from './quarantine.ts';
import { type Active, listSegments, readSegments } from './read.ts';
import { Segment } from './segment.ts';
import type { SlotReading } from './slot.ts';
import type { OpenedFiles } from './state.ts';
import { endsInClose, markTail, startTime } from './tail.ts';
import { TreeFiles } from './tree-files.ts';

/**
 * First everything is read and judged, and nothing written; then what lies past the commit is set aside, leftovers
 * are removed, and the log is handed over. A crash anywhere in here is met by the same steps at the next open.
 */
export async function recover(
  place: Place,
  options: FileStoreOptions,
  release: Release,
): Promise<OpenedFiles> {
  const opened: Closable[] = [];
  try {
    return await check(place, options, release, opened);
  } catch (error) {
    await Promise.allSettled(opened.map((file) => file.close()));
    throw error;
  }
}

interface Closable {
  close(): Promise<void>;
}

async function check(
  place: Place,
  options: FileStoreOptions,
  release: Release,
  opened: Closable[],
): Promise<OpenedFiles> {
  const { disk, directory, stateDirectory } = place;
  const commit = await CommitFile.open(disk, join(directory, COMMIT_FILE));
  opened.push(commit);
  const { slots } = commit;
  const highWater = await readHighWater(disk, stateDirectory);
  const origin = originOf(slots, highWater, options);
  const warnings: string[] = [];
  if (highWater === undefined) {
    warnings.push(
      `${stateDirectory} holds no high-water file: a log put back to an older state would not be noticed`,
    );
  } else if ('unreadable' in highWater) {
    warnings.push(`${highWater.unreadable}: a log put back to an older state would not be noticed`);
  } else {
    checkHighWaterOrigin(highWater, origin, stateDirectory);
  }

  // What stands.
  const signer = options.signer ?? (await loadKey(disk, { path: place.keyFile, origin }));
  const keys = await knownKeys(place, signer);
  const chosen = chooseSlot(slots, directory, keys);
  const evidence = await collectEvidence(place, keys, highWater);
  checkAgainst(evidence.notes, chosen, directory);
  const now = chosen.checkpoint ?? { origin, size: 0, root: EMPTY_ROOT };
  const active = await openActive(place, chosen, opened);
  if (chosen.torn && !evidence.complete && (await endsInClose(active.segment.file, active.offset))) {
    throw new AuditError(
      'LOG_DAMAGED',
      `a slot of ${directory}/commit is damaged although the log was closed: entries it committed would be lost; restore commit from a backup, or run audit doctor; nothing was changed`,
    );
  }

  // Do entries, tree and note agree?
  const folder = join(directory, ENTRIES_DIRECTORY);
  const tree = await TreeFiles.open(disk, join(directory, TREE_DIRECTORY));
  opened.push(tree);
  const read = (from: number, to: number) => readSegments(disk, folder, { from, to }, active);
  await markTail(active.segment, active.offset, now.size, firstOfLastTile(now.size, active.segment.first));
  const lastEntry = await checkLastEntry(now.size, read);
  const closedCleanly = lastEntry === null || typeOf(lastEntry) === 'log.close';
  const durable = await durableSizes(place, evidence.synced, active, now.size);
  // log.close comes before the last sync of the tree: a power cut may have come between them.
  const clean = closedCleanly && evidence.synced === now.size;
  await checkTree(tree, now, { clean, durable }, read);
  const lastLeaf = await checkLastTile(tree, now.size, active.segment.first, read);
  checkKey(signer, chosen, lastEntry, directory);
  for (const { place: where, checkpoint } of evidence.notes) await checkPrefix(tree, checkpoint, now, where);

  // From here on things are changed.
  await quarantineTail(disk, directory, now.size, active.segment.file, active.offset);
  await quarantineSegments(disk, directory, now.size, active.segment.name);
  await tree.cut(now.size);
  await removeTemporaries(disk, [directory, join(directory, QUARANTINE_DIRECTORY), stateDirectory]);
  await finishSealing(disk, folder);
  if (!closedCleanly) {
    const pruned = await lastPrune(disk, directory, now.size, active);
    if (pruned !== undefined) await finishPrune(disk, directory, pruned.to, active);
  }
  if (highWater === undefined && now.size === 0) {
    await writeHighWater(disk, stateDirectory, { origin, size: 0, note: '' }); // creation was cut short before it
    warnings.length = 0;
  }
  active.segment.startedAt = await startTime(active.segment.file, active.offset);

  const found = await unreported(disk, directory);
  const recovered = {
    ...(chosen.torn ? { slotTorn: true } : {}),
    ...(found.length > 0 ? { quarantined: found } : {}),
  };
  return {
    disk,
    directory,
    origin,
    signer,
    committed: { size: now.size, lastLeaf, lastEntry, note: chosen.slot?.note ?? null, ...active },
    commit: commit.use(chosen.newest),
    named: [namedBy(slots[chosen.newest === 0 ? 1 : 0]), active.segment.first],
    tree,
    notes: await NotesFile.open(disk, join(directory, CHECKPOINTS_FILE)),
    marks: new Marks(disk, directory, stateDirectory, origin, () => tree.sync()),
    opening: {
      closedCleanly,
      ...(Object.keys(recovered).length > 0 || !closedCleanly ? { recovered } : {}),
      recoveryRecorded: () => markReported(disk, directory, found),
    },
    warnings,
    release,
  };
}

/**
 * Sizes up to which `tree/` was synced, newest first: the marks', for the tree is synced before they are written; the active segment's first entry, likewise; and where the oldest segment begins, before which the tree is primary.
 */
async function durableSizes(
  { disk, directory }: Place,
  synced: number,
  { segment, offset }: Active,
  size: number,
): Promise<number[]> {
  const oldest = (await listSegments(disk, join(directory, ENTRIES_DIRECTORY)))[0]?.first ?? 0;
  if (synced <= segment.first) return [segment.first, oldest];
  await markTail(segment, offset, size, synced);
  return [synced, segment.first, oldest];
}

/** A slot that cannot be read may have named any segment. */
function namedBy(reading: SlotReading): number {
  return reading.state === 'good' ? (segmentFirst(reading.slot.segment) ?? 0) : 0;
}

/** The log knows its own name; a given one must be it. */
function originOf(slots: Slots, highWater: FoundHighWater, options: FileStoreOptions): string {
  let own: string | undefined;
  for (const reading of slots) {
    if (reading.state !== 'good') continue;
    try {
      own ??= parseCheckpoint(parseNote(reading.slot.note).text).origin;
    } catch {
      // chooseSlot says what is wrong with it
    }
  }
  if (own === undefined && highWater !== undefined && 'origin' in highWater) own = highWater.origin;
  if (own !== undefined && options.origin !== undefined && own !== options.origin) {
    throw new AuditError(
      'OPTIONS_INVALID',
      `origin: this log is ${own}, not ${options.origin}; leave origin out, or give another directory`,
    );
  }
  const origin = own ?? options.origin;
  if (origin === undefined) {
    throw new AuditError(
      'OPTIONS_INVALID',
      'origin: a new log needs one, a schema-less URL such as shop.example/audit',
    );
  }
  return origin;
}

/** The signer's key and those `log.vkey` names: notes from before a rotation are by an earlier one. */
async function knownKeys({ disk, directory }: Place, signer: Signer): Promise<VerifierKey[]> {
  const keys = [signer.key];
  for (const line of ((await readText(disk, join(directory, VKEY_FILE))) ?? '').split('\n')) {
    if (line === '' || line === signer.key.vkey) continue;
    try {
      keys.push(parseVerifierKey(line, nodeSignatures));
    } catch {
      // a convenience file: what cannot be read is not used
    }
  }
  return keys;
}

/**
 * Genuine notes outside the slots. `complete`: both copies a clean close leaves behind are there, so that a torn slot no
 * newer note speaks against was torn before its commit was complete. `synced`: the size of the newer of these copies.
 */
async function collectEvidence(
  { disk, directory, stateDirectory }: Place,
  keys: readonly VerifierKey[],
  highWater: FoundHighWater,
): Promise<{ notes: Evidence[]; complete: boolean; synced: number }> {
  const notes: Evidence[] = [];
  const add = (place: string, note: string): number | undefined => {
    const checkpoint = genuineOrNothing(note, keys);
    if (checkpoint !== undefined) notes.push({ place, checkpoint });
    return checkpoint?.size;
  };
  const fresh = highWater !== undefined && 'size' in highWater && highWater.size === 0;
  const noted = highWater !== undefined && 'note' in highWater ? highWater.note : '';
  const marked = fresh ? 0 : add(stateDirectory, noted);
  const copied = add(
    `${directory}/${CHECKPOINT_FILE}`,
    (await readText(disk, join(directory, CHECKPOINT_FILE))) ?? '',
  );
  const kept = ((await readText(disk, join(directory, CHECKPOINTS_FILE))) ?? '').trimEnd().split('\n').at(-1);
  try {
    if (kept) add(`${directory}/${CHECKPOINTS_FILE}`, String(JSON.parse(kept)));
  } catch {
    // a torn last line, cut later
  }
  return {
    notes,
    complete: fresh || (marked !== undefined && copied !== undefined),
    synced: Math.max(marked ?? 0, copied ?? 0),
  };
}

/** Opens and syncs the segment the slot names, and checks that it reaches the committed offset. */
async function openActive(
  { disk, directory }: Place,
  { slot }: ChosenSlot,
  opened: Closable[],
): Promise<Active> {
  const name = slot?.segment ?? segmentName(0);
  const path = join(directory, ENTRIES_DIRECTORY, name);
  const offset = slot?.offset ?? 0;
  const file = (await disk.open(path)) ?? (slot === null ? await createFirst(disk, path) : null);
  if (file === null) {
    throw new AuditError(
      'LOG_TAMPERED',
      `entry-missing: ${path} is gone, which the newest checkpoint covers: restore it from a backup; nothing was changed`,
    );
  }
  opened.push(file);
  await file.sync(); // a killed writer may have left lines in the page cache only
  const end = offset === 0 ? '\n' : Buffer.from(await file.read(offset - 1, 1)).toString();
  if (end !== '\n') {
    throw new AuditError(
      'LOG_TAMPERED',
      `truncated: ${path} ends before the committed offset ${offset}: run audit verify; nothing was changed`,
    );
  }
  return { segment: new Segment(name, Number.parseInt(name, 10), file, undefined), offset };
}

/** A log of no entries whose empty segment is gone: its name is durable before a slot can name it. */
async function createFirst(disk: Disk, path: string): Promise<DiskFile> {
  const file = await disk.create(path, FILE_MODE);
  return closeOnError(file, async () => {
    await disk.syncDirectory(dirname(path));
    return file;
  });
}

/** The newest note must be by this key, or end in the rotation to it. */
function checkKey(signer: Signer, { slot }: ChosenSlot, lastEntry: string | null, directory: string): void {
  if (slot === null || genuineOrNothing(slot.note, [signer.key]) !== undefined) return;
  const rotation =
    lastEntry === null ? undefined : (JSON.parse(lastEntry) as { type: string; data?: { vkey?: unknown } });
  if (rotation?.type === 'log.key.rotate' && rotation.data?.vkey === signer.key.vkey) return;
  throw new AuditError(
    'KEY_INVALID',
    `the key given is not the one that signs ${directory} now: give the newest key by keyFile, AUDIT_KEY_FILE or signer`,
  );
}

function typeOf(entry: string): unknown {
  return (JSON.parse(entry) as { type?: unknown }).type;
}

async function removeTemporaries(disk: Disk, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (const name of (await disk.list(folder)) ?? []) {
      if (name.endsWith(TEMPORARY_SUFFIX)) await removeFile(disk, join(folder, name));
    }
  }
}
