// What segments there are, and which of them nothing is added to any more.
import { join } from 'node:path';
import type { StoredSegment } from '../store.ts';
import type { Disk } from './disk.ts';
import { ENTRIES_DIRECTORY, SEALED_SUFFIX } from './layout.ts';
import { listSegments } from './read.ts';

/** What of a log is needed to tell its segments apart. */
export interface SegmentView {
  readonly disk: Disk;
  readonly directory: string;
  /** Entries committed, and the first of the active segment. */
  readonly size: number;
  readonly activeFirst: number;
  /** Segments that begin before this are named by no slot any more. */
  readonly sealedBefore: number;
}

/**
 * Segments up to the active one. A segment a slot names is not sealed yet: were the newest slot torn, opening would go
 * on from the other.
 */
export async function describeSegments({
  disk,
  directory,
  size,
  activeFirst,
  sealedBefore,
}: SegmentView): Promise<StoredSegment[]> {
  const folder = join(directory, ENTRIES_DIRECTORY);
  const named = (await listSegments(disk, folder)).filter(({ first }) => first <= activeFirst);
  return Promise.all(
    named.map(async ({ name, first }, index) => ({
      name,
      first,
      entries: (named[index + 1]?.first ?? size) - first,
      bytes: await sizeOf(disk, folder, name),
      sealed: first < activeFirst && (name.endsWith(SEALED_SUFFIX) || first < sealedBefore),
    })),
  );
}

/** A segment may be compressed between listing and asking. */
async function sizeOf(disk: Disk, folder: string, name: string): Promise<number> {
  for (const candidate of [name, name + SEALED_SUFFIX]) {
    const file = await disk.open(join(folder, candidate));
    if (file === null) continue;
    try {
      return await file.size();
    } finally {
      await file.close();
    }
  }
  return 0;
}
