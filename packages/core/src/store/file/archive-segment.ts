// One segment's copy in an archive: written beside its place, read back and held against the tree, then put there.
import { join } from 'node:path';
import { AuditError } from '../../errors.ts';
import { MAX_ENTRY_BYTES } from '../../event/model.ts';
import { nodeHasher } from '../../merkle/node-hasher.ts';
import type { ReadHashes } from '../../merkle/tiles.ts';
import { LineSplitter } from '../../verify/lines.ts';
import type { ArchiveCompression } from './archive-options.ts';
import type { Disk, DiskFile } from './disk.ts';
import { removeFile, TEMPORARY_SUFFIX } from './durable.ts';
import { compressSegment, readMembers } from './gzip-members.ts';
import { SEALED_SUFFIX, segmentName } from './layout.ts';
import { FILE_MODE } from './node-disk.ts';
import { type Range, readChunks } from './read.ts';

export interface SegmentCopy {
  readonly disk: Disk;
  /** Folders of the segments: the log's, and the archive's. */
  readonly from: string;
  readonly to: string;
  readonly range: Range;
  readonly compression: ArchiveCompression;
  /** Hashes of the tree, checked up to a signed root over `range`. */
  readonly hashes: ReadHashes;
}

/**
 * `.tmp` written and synced · read back, every entry held against the tree · renamed · folder synced. A crash leaves the
 * temporary file, which the next run removes, or the copy in its place, which it checks and keeps. Returns its name and
 * bytes.
 *
 * @throws AuditError `ARCHIVE_INVALID` what was read or written is not what was signed
 */
export async function copySegment(copy: SegmentCopy): Promise<{ name: string; bytes: number }> {
  const { disk, to, range, compression } = copy;
  const plain = segmentName(range.from);
  for (const name of [plain, plain + SEALED_SUFFIX]) {
    const file = await disk.open(join(to, name));
    if (file === null) continue;
    const [whole, bytes] = await closing(file, async () => [
      await holds(file, name, copy),
      await file.size(),
    ]);
    if (whole) return { name, bytes };
    await disk.unlink(join(to, name));
  }
  const name = compression === 'gzip' ? plain + SEALED_SUFFIX : plain;
  const temporary = join(to, name + TEMPORARY_SUFFIX);
  await removeFile(disk, temporary);
  const target = await disk.create(temporary, FILE_MODE);
  const bytes = await closing(target, async () => {
    let position = 0;
    for await (const chunk of contents(copy, plain)) {
      await target.write(chunk, position);
      position += chunk.length;
    }
    await target.sync();
    return position;
  });
  // Through a descriptor of its own, as whoever restores it would.
  const written = await disk.open(temporary);
  const whole = written !== null && (await closing(written, () => holds(written, name, copy)));
  if (!whole) throw notSigned(plain, range);
  await disk.rename(temporary, join(to, name));
  await disk.syncDirectory(to);
  return { name, bytes };
}

/** The segment's bytes as the archive is to hold them, from whichever form the log has. */
async function* contents(
  { disk, from, range, compression }: SegmentCopy,
  plain: string,
): AsyncIterable<Uint8Array> {
  for (const name of [plain, plain + SEALED_SUFFIX]) {
    const file = await disk.open(join(from, name));
    if (file === null) continue;
    try {
      if (name === plain) {
        yield* compression === 'gzip' ? compressSegment(readChunks(file), range.from) : readChunks(file);
      } else if (compression === 'gzip') {
        yield* readChunks(file);
      } else {
        for await (const data of readMembers(file, range.from)) {
          if ('damaged' in data) throw notSigned(plain, range);
          yield data;
        }
      }
    } finally {
      await file.close();
    }
    return;
  }
  throw new AuditError(
    'ARCHIVE_INVALID',
    `${plain} is gone from the log, which was pruned meanwhile: archive before pruning`,
  );
}

/** True where the file holds exactly the entries of the range, each with its hash in the tree. */
async function holds(file: DiskFile, name: string, { range, hashes }: SegmentCopy): Promise<boolean> {
  const splitter = new LineSplitter(MAX_ENTRY_BYTES);
  let next = range.from;
  const chunks = name.endsWith(SEALED_SUFFIX) ? readMembers(file, range.from) : readChunks(file);
  for await (const chunk of chunks) {
    if ('damaged' in chunk) return false;
    const leaves: string[] = [];
    splitter.push(chunk, (block, start, end) => {
      block[start - 1] = 0x00;
      leaves.push(nodeHasher.digest(block.subarray(start - 1, end)));
    });
    const wanted = await hashes(0, next, Math.min(next + leaves.length, range.to));
    if (wanted.length !== leaves.length || leaves.some((leaf, i) => leaf !== wanted[i])) return false;
    next += leaves.length;
  }
  return next === range.to && splitter.pending === 0;
}

async function closing<T>(file: DiskFile, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } finally {
    await file.close();
  }
}

function notSigned(name: string, { from, to }: Range): AuditError {
  return new AuditError(
    'ARCHIVE_INVALID',
    `${name} does not hold entries ${from} to ${to - 1} as they were signed: run audit verify on the log; nothing of it was archived`,
  );
}
