// The last steps of pruning a prefix: what must stay is kept, then whole segments go. Run again at open after a crash.
import { join } from 'node:path';
import { parseEntry } from '../../event/entry.ts';
import type { KeptCommitment } from '../../event/kept.ts';
import type { Disk } from './disk.ts';
import { removeFile } from './durable.ts';
import { addKept } from './kept-file.ts';
import { ENTRIES_DIRECTORY, SEALED_SUFFIX } from './layout.ts';
import { type Active, listSegments, readSegments } from './read.ts';

/**
 * Finishes a prune whose `log.prune {to}` is committed: what must stay and is not there yet goes to `kept.jsonl`, durably
 * · then for each segment that ends at or before `to`, oldest first: unlink · fsync of `entries/`. A crash in between
 * leaves no line kept twice, and in the worst case segments too many, without a hole between them; the next open runs
 * this again.
 */
export async function finishPrune(disk: Disk, directory: string, to: number, active: Active): Promise<void> {
  const folder = join(directory, ENTRIES_DIRECTORY);
  const segments = await listSegments(disk, folder);
  const expired = segments.filter(
    (_, index) => (segments[index + 1]?.first ?? Number.POSITIVE_INFINITY) <= to,
  );
  if (expired.length === 0) return;
  await addKept(disk, directory, readSegments(disk, folder, { from: expired[0]!.first, to }, active));
  for (const { name } of expired) {
    await disk.unlink(join(folder, name));
    // The plain file is named where sealing was cut short and left both.
    if (!name.endsWith(SEALED_SUFFIX)) await removeFile(disk, join(folder, name + SEALED_SUFFIX));
    await disk.syncDirectory(folder);
  }
}

/** What a committed `log.prune` says. */
export interface RecordedPrune {
  readonly seq: number;
  readonly to: number;
  /** Absent in logs from before prunes committed to what they keep. */
  readonly kept?: KeptCommitment;
}

/**
 * The newest `log.prune` of the last `segments` segments, newest first; undefined where there is none. A crash may have
 * cut short only one that lies in the last two: while a prune is being finished, no more than one rotation comes.
 */
export async function lastPrune(
  disk: Disk,
  directory: string,
  size: number,
  active: Active,
  segments = 2,
): Promise<RecordedPrune | undefined> {
  const folder = join(directory, ENTRIES_DIRECTORY);
  const named = (await listSegments(disk, folder)).filter(({ first }) => first <= active.segment.first);
  let to = size;
  for (const { first } of named.reverse().slice(0, segments)) {
    let found: RecordedPrune | undefined;
    for await (const { seq, text } of readSegments(disk, folder, { from: first, to }, active)) {
      if (text.includes('"type":"log.prune"')) found = readPrune(seq, text) ?? found;
    }
    if (found !== undefined) return found;
    to = first;
  }
  return undefined;
}

function readPrune(seq: number, text: string): RecordedPrune | undefined {
  const { type, data } = parseEntry(text);
  if (type !== 'log.prune' || !Number.isSafeInteger(data?.to)) return undefined;
  const kept = data?.kept as KeptCommitment | undefined;
  return { seq, to: data?.to as number, ...(kept !== undefined && { kept }) };
}
