// One segment's bytes into leaf hashes and what its entries say. Runs in this thread or in a worker; judges nothing.
import { readEntry } from '../event/entry.ts';
import { type Entry, MAX_ENTRY_BYTES } from '../event/model.ts';
import type { Hash, Hasher } from '../merkle/hasher.ts';
import { LineSplitter } from './lines.ts';
import type { SegmentSource } from './source.ts';

/** Which entries of a segment are read, and how. */
export interface ScanRequest {
  /** The first one read. */
  readonly from: number;
  /** From this one on lines are counted, not read. */
  readonly limit: number;
  readonly hashesOnly: boolean;
}

/** Something one entry says that the reader must know; positions are counted in lines, not taken from the entry. */
export type Observation =
  /** Not canonical JSON of this format. `version`: it is an object with another `v`. */
  | { readonly kind: 'malformed'; readonly seq: number; readonly problem: string; readonly version?: unknown }
  /** `seq` or `prev` do not continue the chain. */
  | { readonly kind: 'unchained'; readonly seq: number; readonly id: string; readonly problem: string }
  | { readonly kind: 'time-backwards'; readonly seq: number; readonly id: string; readonly problem: string }
  /** The chain here continues something this scan did not read. */
  | {
      readonly kind: 'seam';
      readonly seq: number;
      readonly id: string;
      readonly prev: Hash;
      readonly time: string;
      readonly clock: boolean;
    }
  /** An entry in which the log writes of itself. */
  | { readonly kind: 'log'; readonly seq: number; readonly entry: Entry };

export type ScanPart =
  /** Leaf hashes of the lines from `from` on: `count` of them, 64 hex digits each. */
  | {
      readonly kind: 'leaves';
      readonly from: number;
      readonly count: number;
      readonly run: string;
      readonly observations: readonly Observation[];
    }
  | { readonly kind: 'damaged'; readonly from: number; readonly to: number }
  /** `next`: the entry that would follow the last line. `pending`: bytes behind the last newline. */
  | { readonly kind: 'end'; readonly next: number; readonly pending: number; readonly time: string | null };

/** Reads one segment. `index` is its place in `LogSource.segments()`. */
export type ScanSegment = (
  segment: SegmentSource,
  request: ScanRequest,
  index: number,
) => AsyncIterable<ScanPart>;

/** What of `log.*` verification acts on or tells. */
const TOLD_TYPES: ReadonlySet<string> = new Set([
  'log.create',
  'log.key.rotate',
  'log.prune',
  'log.recover',
  'log.gap',
  'log.clock',
]);

/**
 * Observations of one kind, and of one type of entry, that one segment may yield: a file of garbage must not fill the
 * memory, nor thousands of gaps hide a key change.
 */
const MAX_OBSERVATIONS = 2_000;

/** Entries in which the log tells of itself, of those observed. */
export function ownEntries(observations: readonly Observation[]): Entry[] {
  return observations.flatMap((one) => (one.kind === 'log' ? [one.entry] : []));
}

/** A scanner for this thread. */
export function segmentScanner(hasher: Hasher): ScanSegment {
  return (segment, request) => scanSegment(segment, request, hasher);
}

export async function* scanSegment(
  segment: SegmentSource,
  request: ScanRequest,
  hasher: Hasher,
): AsyncIterable<ScanPart> {
  const reader = new EntryReader(request, hasher);
  for await (const chunk of segment.read(request.from)) {
    if (chunk instanceof Uint8Array) {
      const part = reader.push(chunk);
      if (part.count > 0) yield part;
    } else {
      yield { kind: 'damaged', ...chunk.damaged };
      reader.skipTo(chunk.damaged.to);
    }
  }
  yield reader.end();
}

class EntryReader {
  readonly #request: ScanRequest;
  readonly #hasher: Hasher;
  readonly #lines = new LineSplitter(MAX_ENTRY_BYTES);
  readonly #text = new LineText();
  readonly #observed = new Map<string, number>();
  #seq: number;
  #leaves: Hash[] = [];
  #observations: Observation[] = [];
  /** Leaf hash and time of the entry before, where this scan read it. */
  #previous: Hash | null = null;
  #time: string | null = null;

  constructor(request: ScanRequest, hasher: Hasher) {
    this.#request = request;
    this.#hasher = hasher;
    this.#seq = request.from;
  }

  push(chunk: Uint8Array): ScanPart & { kind: 'leaves' } {
    const from = this.#seq;
    this.#leaves = [];
    this.#observations = [];
    this.#text.begin(chunk);
    this.#lines.push(chunk, (block, start, end) => this.#line(block, start, end));
    const count = this.#leaves.length;
    return { kind: 'leaves', from, count, run: this.#leaves.join(''), observations: this.#observations };
  }

  skipTo(seq: number): void {
    this.#lines.reset();
    this.#seq = seq;
    this.#previous = null;
    this.#time = null;
  }

  end(): ScanPart {
    return { kind: 'end', next: this.#seq, pending: this.#lines.pending, time: this.#time };
  }

  #line(block: Uint8Array, start: number, end: number): void {
    const seq = this.#seq++;
    if (seq >= this.#request.limit) return;
    // The text first: hashing writes into the block.
    const parsed =
      !this.#request.hashesOnly || isLogEntry(block, start, end)
        ? this.#text.of(block, start, end)
        : undefined;
    block[start - 1] = 0x00;
    const leaf = this.#hasher.digest(block.subarray(start - 1, end));
    this.#leaves.push(leaf);
    if (parsed !== undefined) this.#check(seq, parsed);
    this.#previous = leaf;
  }

  #check(seq: number, text: string | null): void {
    const read = text === null ? { problem: 'it is not UTF-8' } : readEntry(text);
    if (!('entry' in read)) {
      this.#observe({ kind: 'malformed', seq, ...read });
      return;
    }
    const { entry } = read;
    const { id, prev, time } = entry;
    if (TOLD_TYPES.has(entry.type)) this.#observe({ kind: 'log', seq, entry });
    if (this.#request.hashesOnly) return;
    const clock = entry.type === 'log.clock' && entry.data?.to === time;
    if (this.#previous === null || this.#time === null) {
      this.#observe({ kind: 'seam', seq, id, prev, time, clock });
    }
    if (entry.seq !== seq) {
      this.#observe({ kind: 'unchained', seq, id, problem: `it says that it is entry ${entry.seq}` });
    }
    if (this.#previous !== null && prev !== this.#previous) {
      this.#observe({
        kind: 'unchained',
        seq,
        id,
        problem: 'its prev is not the hash of the entry before it',
      });
    }
    // RFC 3339 in UTC with milliseconds: text order is time order.
    if (this.#time !== null && time < this.#time && !clock) {
      this.#observe({ kind: 'time-backwards', seq, id, problem: `${time} comes after ${this.#time}` });
    }
    this.#time = time;
  }

  #observe(observation: Observation): void {
    const what = observation.kind === 'log' ? observation.entry.type : observation.kind;
    const count = (this.#observed.get(what) ?? 0) + 1;
    this.#observed.set(what, count);
    if (count <= MAX_OBSERVATIONS) this.#observations.push(observation);
  }
}

/** Lines as text: a chunk of plain ASCII is decoded once and sliced, any other line by line, strictly. */
class LineText {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #chunk: Uint8Array | null = null;
  #start = -1;
  #ascii: string | null = null;

  begin(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#start = -1;
    this.#ascii = null;
  }

  /** Null where the line is not UTF-8. */
  of(block: Uint8Array, start: number, end: number): string | null {
    if (block === this.#chunk) {
      if (this.#start === -1) this.#decodeChunk(start);
      if (this.#ascii !== null) return this.#ascii.slice(start - this.#start, end - this.#start);
    }
    return this.#decode(block.subarray(start, end));
  }

  #decodeChunk(start: number): void {
    this.#start = start;
    const rest = this.#chunk!.subarray(start, this.#chunk!.lastIndexOf(0x0a));
    const text = this.#decode(rest);
    // As many characters as bytes: no byte stood for part of a character.
    if (text?.length === rest.length) this.#ascii = text;
  }

  #decode(bytes: Uint8Array): string | null {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return null;
    }
  }
}

const TYPE_START = new TextEncoder().encode('"type":"log.');
const ENTRY_END = new TextEncoder().encode('","v":1}');

/** True where a line ends as a canonical `log.*` entry does: `type` and `v` sort last. */
function isLogEntry(block: Uint8Array, start: number, end: number): boolean {
  const typeEnd = end - ENTRY_END.length;
  if (typeEnd - start < TYPE_START.length || !hasAt(block, typeEnd, ENTRY_END)) return false;
  const quote = block.lastIndexOf(0x22, typeEnd - 1);
  return quote - 7 >= start && hasAt(block, quote - 7, TYPE_START);
}

function hasAt(block: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (block[at + i] !== bytes[i]) return false;
  return true;
}
