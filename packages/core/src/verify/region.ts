// A segment read line by line once something is wrong with it: what stands there, with all that can be read of it.
import { readEntry } from '../event/entry.ts';
import { MAX_ENTRY_BYTES } from '../event/model.ts';
import type { Hash, Hasher } from '../merkle/hasher.ts';
import { LineSplitter } from './lines.ts';
import type { SegmentSource } from './source.ts';

/** Lines kept beyond the entries there can be: enough to say what was put in, too few to fill the memory. */
const EXTRA_LINES = 65_536;
/** No entry is shorter: its required fields alone take more. */
const LEAST_ENTRY_BYTES = 200;

/** Of an entry, what a search goes by. */
export interface FoundEntry {
  readonly id: string;
  readonly prev: Hash;
  readonly time: string;
  /** A `log.clock` that says this time itself. */
  readonly clock: boolean;
}

/** One line: its leaf hash, and the entry in it or what is wrong with it. */
export interface FoundLine {
  readonly hash: Hash;
  readonly entry: FoundEntry | null;
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
  /** Lines behind these that were counted only. */
  readonly more: number;
}

/**
 * Reads a segment from entry `from` on, where `expected` entries should be; `keep` says what of each line is to be
 * remembered.
 */
export async function readBlocks<T>(
  segment: SegmentSource,
  from: number,
  expected: number,
  hasher: Hasher,
  keep: (hash: Hash, read: () => FoundLine) => T,
): Promise<Block<T>[]> {
  const blocks: Block<T>[] = [];
  let lines: T[] = [];
  let more = 0;
  let start = from;
  let bytes = 0;
  let kept = 0;
  const splitter = new LineSplitter(MAX_ENTRY_BYTES);
  for await (const chunk of segment.read(from)) {
    if (chunk instanceof Uint8Array) {
      bytes += chunk.length;
      const room = Math.min(expected, bytes / LEAST_ENTRY_BYTES) + EXTRA_LINES;
      splitter.push(chunk, (block, begin, end) => {
        if (kept >= room) {
          more++;
          return;
        }
        kept++;
        const line = block.subarray(begin, end);
        block[begin - 1] = 0x00;
        const hash = hasher.digest(block.subarray(begin - 1, end));
        lines.push(keep(hash, () => readLine(hash, line)));
      });
    } else {
      splitter.reset();
      blocks.push({ from: start, to: chunk.damaged.from, lines, more });
      lines = [];
      more = 0;
      start = chunk.damaged.to;
    }
  }
  return [...blocks, { from: start, to: null, lines, more }];
}

function readLine(hash: Hash, bytes: Uint8Array): FoundLine {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { hash, entry: null, problem: 'not UTF-8', claim: null };
  }
  const read = readEntry(text);
  if ('entry' in read) {
    const { id, prev, time, seq, type, data } = read.entry;
    const clock = type === 'log.clock' && data?.to === time;
    return { hash, entry: { id, prev, time, clock }, claim: seq };
  }
  // `seq` stands behind `resource` and before `time`: the last such place is not inside the event's own data.
  const claim = [...text.matchAll(/"seq":(\d{1,15}),"time"/g)].at(-1)?.[1];
  return { hash, entry: null, ...read, claim: claim === undefined ? null : Number(claim) };
}
