// Reading committed entries back through the file layer: active segments by line, sealed ones by gzip member.
import { join } from 'node:path';
import { AuditError } from '../../errors.ts';
import type { StoredEntry } from '../store.ts';
import type { Disk, DiskFile } from './disk.ts';
import { readMembers } from './gzip-members.ts';
import { segmentFirst } from './layout.ts';
import type { Segment } from './segment.ts';

const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;

/** Half-open range of sequence numbers. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The active segment, as far as it is committed. */
export interface Active {
  readonly segment: Segment;
  readonly offset: number;
}

interface NamedSegment {
  readonly name: string;
  readonly first: number;
}

/** Segments of a folder in order; where one is there both ways, the plain file counts. */
export async function listSegments(disk: Disk, folder: string): Promise<NamedSegment[]> {
  const byFirst = new Map<number, NamedSegment>();
  for (const name of (await disk.list(folder)) ?? []) {
    const first = segmentFirst(name);
    if (first !== null && !byFirst.has(first)) byFirst.set(first, { name, first });
  }
  return [...byFirst.values()].sort((a, b) => a.first - b.first);
}

/** Entries of `range`, in order, from whichever segments hold them; pruned ones are passed over. */
export async function* readSegments(
  disk: Disk,
  folder: string,
  range: Range,
  active: Active,
): AsyncGenerator<StoredEntry> {
  if (range.to <= range.from) return;
  const named = await listSegments(disk, folder);
  for (const [index, { name, first }] of named.entries()) {
    const end = named[index + 1]?.first ?? Number.POSITIVE_INFINITY;
    if (end <= range.from || first >= range.to || first > active.segment.first) continue;
    // A descriptor of its own: a rotation or mend meanwhile replaces the writer's. What was the active segment when the
    // reading began may be sealed by now.
    yield* readOpened(disk, folder, name, (file, opened) => {
      if (opened.endsWith('.gz')) {
        return readSealed(file, first, { from: range.from, to: Math.min(range.to, end) });
      }
      return first === active.segment.first
        ? readPlain(file, active.segment.nearest(range.from), active.offset, range)
        : readPlain(file, { seq: first, offset: 0 }, Number.POSITIVE_INFINITY, range);
    });
  }
}

/** Opens a segment under either of its names: it may be compressed between listing and opening. */
async function* readOpened(
  disk: Disk,
  folder: string,
  name: string,
  read: (file: DiskFile, opened: string) => AsyncGenerator<StoredEntry>,
): AsyncGenerator<StoredEntry> {
  for (const candidate of [name, `${name}.gz`]) {
    const file = await disk.open(join(folder, candidate));
    if (file === null) continue;
    try {
      yield* read(file, candidate);
    } finally {
      await file.close();
    }
    return;
  }
}

async function* readPlain(
  file: DiskFile,
  start: { readonly seq: number; readonly offset: number },
  end: number,
  range: Range,
): AsyncGenerator<StoredEntry> {
  let { seq, offset } = start;
  let rest = Buffer.alloc(0);
  while (offset < end) {
    const chunk = await file.read(offset, Math.min(CHUNK, end - offset));
    if (chunk.length === 0) return;
    offset += chunk.length;
    const bytes = Buffer.concat([rest, chunk]);
    let line = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, line)) {
      if (seq >= range.to) return;
      if (seq >= range.from) yield { seq, text: bytes.toString('utf8', line, at) };
      line = at + 1;
      seq++;
    }
    rest = bytes.subarray(line);
  }
}

async function* readSealed(file: DiskFile, first: number, range: Range): AsyncGenerator<StoredEntry> {
  let seq = Math.max(first, range.from);
  for await (const data of readMembers(file, first, { from: seq, end: range.to })) {
    if ('damaged' in data) {
      throw new AuditError(
        'LOG_DAMAGED',
        `entries ${data.damaged.from} to ${data.damaged.to - 1} cannot be read: run audit verify`,
      );
    }
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    for (let line = 0, at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, line)) {
      if (seq >= range.to) return;
      yield { seq, text: bytes.toString('utf8', line, at) };
      line = at + 1;
      seq++;
    }
  }
}

/** A file's bytes from its start, in chunks. */
export async function* readChunks(file: DiskFile): AsyncGenerator<Uint8Array> {
  for (let offset = 0; ; ) {
    const chunk = await file.read(offset, CHUNK);
    if (chunk.length === 0) return;
    offset += chunk.length;
    yield chunk;
  }
}
