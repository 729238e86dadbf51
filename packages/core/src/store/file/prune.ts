// The last steps of pruning a prefix: what must stay is kept, then whole segments go. Run again at open after a crash.
import { join } from 'node:path';
import { parseEntry } from '../../event/entry.ts';
import type { Disk } from './disk.ts';
import { ENTRIES_DIRECTORY, KEPT_FILE } from './layout.ts';
import { FILE_MODE } from './node-disk.ts';
import { type Active, listSegments, readSegments } from './read.ts';

/** Entries of a pruned segment that stay: the log's own history. formats.md, *Retention*. */
const KEPT_TYPES = new Set([
  'log.create',
  'log.recover',
  'log.prune',
  'log.restore',
  'log.key.rotate',
  'log.clock',
  'log.gap',
]);

/**
 * Finishes a prune whose `log.prune {to}` is committed: appends what must stay to `kept.jsonl`, skipping what is there ·
 * fdatasync · unlinks every segment that ends at or before `to` · fsync of the folder. A crash in between leaves lines
 * kept twice in no case and segments too many in the worst, and the next open runs this again.
 */
export async function finishPrune(disk: Disk, directory: string, to: number, active: Active): Promise<void> {
  const folder = join(directory, ENTRIES_DIRECTORY);
  const segments = await listSegments(disk, folder);
  const expired = segments.filter(
    (_, index) => (segments[index + 1]?.first ?? Number.POSITIVE_INFINITY) <= to,
  );
  if (expired.length === 0) return;
  await keep(disk, directory, readSegments(disk, folder, { from: expired[0]!.first, to }, active));
  for (const { name } of expired) await disk.unlink(join(folder, name));
  await disk.syncDirectory(folder);
}

/** The `to` of the newest `log.prune` among the last two segments: one that a crash may have cut short is there. */
export async function lastPrune(
  disk: Disk,
  directory: string,
  size: number,
  active: Active,
): Promise<number | undefined> {
  const folder = join(directory, ENTRIES_DIRECTORY);
  const from = (await listSegments(disk, folder))
    .filter(({ first }) => first < active.segment.first)
    .at(-1)?.first;
  let to: number | undefined;
  for await (const { text } of readSegments(
    disk,
    folder,
    { from: from ?? active.segment.first, to: size },
    active,
  )) {
    if (!text.includes('"type":"log.prune"')) continue;
    const entry = parseEntry(text);
    if (entry.type === 'log.prune' && Number.isSafeInteger(entry.data?.to)) to = entry.data?.to as number;
  }
  return to;
}

async function keep(disk: Disk, directory: string, entries: AsyncIterable<{ text: string }>): Promise<void> {
  const path = join(directory, KEPT_FILE);
  const file = (await disk.open(path)) ?? (await disk.create(path, FILE_MODE));
  try {
    const bytes = Buffer.from(await file.read(0, await file.size()));
    let end = bytes.lastIndexOf(0x0a) + 1; // a torn last line is written over
    const there = new Set(bytes.toString('utf8', 0, end).split('\n'));
    for await (const { text } of entries) {
      if (!KEPT_TYPES.has(parseEntry(text).type) || there.has(text)) continue;
      const line = Buffer.from(`${text}\n`);
      await file.write(line, end);
      end += line.length;
    }
    if ((await file.size()) > end) await file.truncate(end);
    await file.datasync();
  } finally {
    await file.close();
  }
  await disk.syncDirectory(directory);
}
