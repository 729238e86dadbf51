// A segment read line by line once something is wrong with it: what stands there, with all that can be read of it.
import { readEntry } from '../event/entry.ts';
import { type Entry, MAX_ENTRY_BYTES } from '../event/model.ts';
import type { Hash, Hasher } from '../merkle/hasher.ts';
import { LineSplitter } from './lines.ts';
import type { SegmentSource } from './source.ts';

/** One line: its leaf hash, and the entry in it or what is wrong with it. */
export interface FoundLine {
  readonly hash: Hash;
  readonly entry: Entry | null;
  readonly problem?: string;
  readonly version?: unknown;
  /** The `seq` it gives itself, even where it is no entry. */
  readonly claim: number | null;
}

/** Lines between damaged members, or the ends of the segment. `to`: null where only the segment's end limits it. */
export interface Block<T> {
  readonly from: number;
  readonly to: number | null;
  readonly lines: readonly T[];
}

/** Reads a segment from entry `from` on; `keep` says what of each line is to be remembered. */
export async function readBlocks<T>(
  segment: SegmentSource,
  from: number,
  hasher: Hasher,
  keep: (hash: Hash, read: () => FoundLine) => T,
): Promise<Block<T>[]> {
  const blocks: Block<T>[] = [];
  let lines: T[] = [];
  let start = from;
  const splitter = new LineSplitter(MAX_ENTRY_BYTES);
  for await (const chunk of segment.read(from)) {
    if (chunk instanceof Uint8Array) {
      splitter.push(chunk, (block, begin, end) => {
        const bytes = block.subarray(begin, end);
        block[begin - 1] = 0x00;
        const hash = hasher.digest(block.subarray(begin - 1, end));
        lines.push(keep(hash, () => readLine(hash, bytes)));
      });
    } else {
      splitter.reset();
      blocks.push({ from: start, to: chunk.damaged.from, lines });
      lines = [];
      start = chunk.damaged.to;
    }
  }
  return [...blocks, { from: start, to: null, lines }];
}

function readLine(hash: Hash, bytes: Uint8Array): FoundLine {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { hash, entry: null, problem: 'not UTF-8', claim: null };
  }
  const read = readEntry(text);
  if ('entry' in read) return { hash, entry: read.entry, claim: read.entry.seq };
  // `seq` stands behind `resource` and before `time`: the last such place is not inside the event's own data.
  const claim = [...text.matchAll(/"seq":(\d{1,15}),"time"/g)].at(-1)?.[1];
  return { hash, entry: null, ...read, claim: claim === undefined ? null : Number(claim) };
}
