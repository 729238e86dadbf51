// A log directory for tools that read: live, closed, rotated or compressed. Never writes, locks, repairs or verifies.
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditError } from '../../errors.ts';
import type { Hash } from '../../merkle/hasher.ts';
import { type Checkpoint, parseCheckpoint } from '../../note/checkpoint.ts';
import { parseNote } from '../../note/note.ts';
import type { FoundNote, LogSource, SegmentSource } from '../../verify/source.ts';
import type { StoredEntry } from '../store.ts';
import { COMMIT_FILE, ENTRIES_DIRECTORY, segmentFirst } from './layout.ts';
import { type LinePosition, linesBetween, stepBack } from './line-position.ts';
import { decodeSlot, SLOT_BYTES } from './slot.ts';
import { openFileSource } from './source.ts';

/** What a log says stands in it: by its newest note, whose signature nobody has checked here. */
export interface LogReaderHead extends Checkpoint {
  readonly note: string;
}

/** A read-only view of a log directory. Every call sees the log as it is then. */
export interface LogReader {
  readonly directory: string;
  /**
   * The newest note and what it says; null on a log that was created but holds nothing yet.
   * @throws AuditError `LOG_MISSING` where the directory holds no log · `LOG_DAMAGED` entries without any note · `STORE_IO`
   */
  head(): Promise<LogReaderHead | null>;
  /**
   * Entries `from` ≤ seq < `to` in order, as far as the newest note covers them; pruned ones are passed over.
   * @throws AuditError `LOG_DAMAGED` where a compressed run of them cannot be read
   */
  entries(from: number, to?: number): AsyncIterable<StoredEntry>;
  /**
   * One entry's canonical text.
   * @throws AuditError `NOT_FOUND` past the end, or pruned · `LOG_DAMAGED`
   */
  entry(seq: number): Promise<string>;
  /** Hashes `from` ≤ i < `to` of a tile level, as `AuditStore.hashes`; fewer where fewer are stored. */
  hashes(level: number, from: number, to: number): Promise<Hash[]>;
  /** Every note found, the high-water's included. */
  notes(): AsyncIterable<FoundNote>;
  /** The runs of entries on disk, in order. */
  segments(): Promise<readonly SegmentSource[]>;
  /** Verifier keys the log itself carries. */
  vkeys(): Promise<readonly string[]>;
}

/** @throws AuditError `LOG_MISSING` where there is no such directory */
export async function openLogReader(directory: string): Promise<LogReader> {
  const source = await openFileSource(directory);
  return new DirectoryReader(source.location);
}

class DirectoryReader implements LogReader {
  readonly directory: string;
  /** Where the last read of the newest segment stopped: a follower goes on there. */
  #cursor: LinePosition | undefined;

  constructor(directory: string) {
    this.directory = directory;
  }

  async head(): Promise<LogReaderHead | null> {
    let newest: LogReaderHead | null = null;
    let commit = false;
    for await (const { place, text } of (await this.#source()).notes()) {
      // High-water is another's memory of the log; what is in the directory is what can be read.
      if (place === 'high-water') continue;
      const head = headOf(text);
      commit ||= place === 'slot';
      if (head !== null && head.size >= (newest?.size ?? 0)) newest = head;
    }
    if (newest === null && !commit && (await this.#slots()).length === 0) {
      throw (await this.segments()).length > 0
        ? new AuditError(
            'LOG_DAMAGED',
            `${this.directory} holds entries, but neither commit nor checkpoint says which of them stand: restore both from a backup.`,
          )
        : new AuditError(
            'LOG_MISSING',
            `There is no log in ${this.directory}: it holds no commit, no checkpoint and no entries.`,
          );
    }
    return newest;
  }

  async *entries(from: number, to = Number.POSITIVE_INFINITY): AsyncGenerator<StoredEntry> {
    const end = Math.min(to, (await this.head())?.size ?? 0);
    if (from >= end) return;
    const segments = await this.segments();
    const committed = await this.#committed();
    for (const [index, segment] of segments.entries()) {
      const next = segments[index + 1]?.first ?? Number.POSITIVE_INFINITY;
      const start = Math.max(from, segment.first);
      const stop = Math.min(end, next);
      if (start >= stop) continue;
      if (segment.first === committed?.first && !segment.name.endsWith('.gz')) {
        yield* this.#newestSegment(segment, start, stop, committed);
      } else {
        yield* segmentLines(segment, start, stop);
      }
    }
  }

  async entry(seq: number): Promise<string> {
    for await (const { text } of this.entries(seq, seq + 1)) return text;
    const size = (await this.head())?.size ?? 0;
    if (seq >= size)
      throw new AuditError('NOT_FOUND', `There is no entry ${seq}: the log has ${size} of them, from 0 on.`);
    const first = (await this.segments())[0]?.first ?? 0;
    throw seq < first
      ? new AuditError('NOT_FOUND', `Entry ${seq} was pruned: the log keeps those from ${first} on.`)
      : new AuditError('LOG_DAMAGED', `Entry ${seq} is missing from the log: run audit verify.`);
  }

  async hashes(level: number, from: number, to: number): Promise<Hash[]> {
    const bytes = Buffer.from(await (await this.#source()).hashes(level, from, to));
    return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.toString('hex', i * 32, (i + 1) * 32));
  }

  async *notes(): AsyncIterable<FoundNote> {
    yield* (await this.#source()).notes();
  }

  async segments(): Promise<readonly SegmentSource[]> {
    return (await this.#source()).segments();
  }

  async vkeys(): Promise<readonly string[]> {
    return (await this.#source()).vkeys();
  }

  // A source remembers the notes it read; a reader wants those of now.
  #source(): Promise<LogSource> {
    return openFileSource(this.directory);
  }

  /**
   * The newest segment has up to 256 MiB and no index. Its committed end is known (the slot says so), as is the
   * place where reading stopped last: the search begins at whichever is nearest.
   */
  async *#newestSegment(
    segment: SegmentSource,
    from: number,
    to: number,
    committed: LinePosition,
  ): AsyncGenerator<StoredEntry> {
    const path = join(this.directory, ENTRIES_DIRECTORY, segment.name);
    const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw new AuditError('STORE_IO', `The log cannot be read: ${error.message}.`, { cause: error });
    });
    if (file === null) {
      yield* segmentLines(segment, from, to); // it was the newest when it was listed; by now it is compressed
      return;
    }
    try {
      const { first } = committed;
      const cursor =
        this.#cursor?.first === first && this.#cursor.seq <= from
          ? this.#cursor
          : { first, seq: first, offset: 0 };
      const fromEnd = committed.seq >= from && committed.seq - from < from - cursor.seq;
      const start = fromEnd ? await stepBack(file, committed, committed.seq - from) : cursor;
      for await (const { seq, offset, text } of linesBetween(file, start)) {
        if (seq >= to) return;
        this.#cursor = { first, seq: seq + 1, offset };
        if (seq >= from) yield { seq, text };
      }
    } finally {
      await file.close();
    }
  }

  /** Where the newest good slot says that the committed entries end. */
  async #committed(): Promise<LinePosition | undefined> {
    let newest: LinePosition | undefined;
    for (const reading of await this.#slots()) {
      if (reading.state !== 'good') continue;
      const { segment, offset, note } = reading.slot;
      const size = headOf(note)?.size ?? 0;
      const first = segmentFirst(segment);
      if (first !== null && size >= (newest?.seq ?? 0)) newest = { first, seq: size, offset };
    }
    return newest;
  }

  async #slots() {
    const bytes = await readFile(join(this.directory, COMMIT_FILE)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw new AuditError('STORE_IO', `The log cannot be read: ${error.message}.`, { cause: error });
    });
    return bytes === null ? [] : [bytes.subarray(0, SLOT_BYTES), bytes.subarray(SLOT_BYTES)].map(decodeSlot);
  }
}

/** Lines of a segment by way of its source: from the start of the file, or of a gzip member. */
async function* segmentLines(segment: SegmentSource, from: number, to: number): AsyncGenerator<StoredEntry> {
  let seq = from;
  let rest = Buffer.alloc(0);
  for await (const chunk of segment.read(from)) {
    if ('damaged' in chunk) {
      const { damaged } = chunk;
      throw new AuditError(
        'LOG_DAMAGED',
        `Entries ${damaged.from} to ${damaged.to - 1} cannot be read from ${segment.name}: run audit verify.`,
      );
    }
    const bytes = Buffer.concat([rest, chunk]);
    let line = 0;
    for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, line)) {
      if (seq >= to) return;
      yield { seq, text: bytes.toString('utf8', line, at) };
      line = at + 1;
      seq += 1;
    }
    rest = bytes.subarray(line);
  }
}

/** A note that is none says nothing: verification tells of it, reading passes it over. */
function headOf(note: string): LogReaderHead | null {
  try {
    return { ...parseCheckpoint(parseNote(note).text), note };
  } catch (error) {
    if (error instanceof AuditError) return null;
    throw error;
  }
}
