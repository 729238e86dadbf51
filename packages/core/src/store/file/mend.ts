// After a batch failed before it was signed: the segment is brought back to what is committed.
import { join } from 'node:path';
import { AuditError } from '../../errors.ts';
import { removeFile } from './durable.ts';
import { ENTRIES_DIRECTORY, segmentName } from './layout.ts';
import type { Segment } from './segment.ts';
import type { Committed, OpenedFiles } from './state.ts';

/**
 * Nothing of the failed batches was signed: the segment is opened anew, because a descriptor whose sync failed may
 * claim that lost pages are clean, and cut to the committed offset. But first the fence: past that offset may lie what
 * another writer has acknowledged since. `tail` is the segment the failed batches went to; where they began a new one,
 * that is removed. A failure in here leaves nothing that running it again would not finish.
 *
 * @throws AuditError `FENCED` · `STORE_IO`
 */
export async function mendSegment(files: OpenedFiles, committed: Committed, tail: Segment): Promise<void> {
  const { disk, directory, commit } = files;
  const folder = join(directory, ENTRIES_DIRECTORY);
  const { segment, offset, size } = committed;
  try {
    await commit.check();
    if (tail !== segment) {
      await tail.file.close().catch(() => {});
      await removeFile(disk, join(folder, tail.name));
    }
    const file = await disk.open(join(folder, segment.name));
    if (file === null) throw new Error(`${segment.name} is gone`);
    await segment.file.close().catch(() => {});
    segment.file = file;
    await file.truncate(offset);
    await file.sync();
    segment.cut(offset);
    // A segment whose creation failed halfway has a name and no slot.
    const leftover = segmentName(size);
    if (leftover !== segment.name) await removeFile(disk, join(folder, leftover));
    await disk.syncDirectory(folder);
  } catch (error) {
    if (error instanceof AuditError && error.code === 'FENCED') throw error;
    throw new AuditError(
      'STORE_IO',
      `${directory} cannot be written (${(error as Error).message}): make room or repair the disk; the log goes on by itself`,
      { cause: error },
    );
  }
}
