// A log directory as verification reads it. Read-only over node:fs: it never writes, locks or repairs anything.
import { type FileHandle, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AuditError } from '../../errors.ts';
import { MAX_ENTRY_BYTES } from '../../event/model.ts';
import type {
  DamagedRange,
  FoundNote,
  LogSource,
  NotePlace,
  SegmentSource,
  TornPlace,
} from '../../verify/source.ts';
import { notThere, openFound, readFound, readFoundLines, readFully } from './found-file.ts';
import { readMembers } from './gzip-members.ts';
import {
  CHECKPOINT_FILE,
  CHECKPOINTS_FILE,
  COMMIT_FILE,
  ENTRIES_DIRECTORY,
  HASH_BYTES,
  HIGH_WATER_FILE,
  KEPT_FILE,
  segmentFirst,
  TREE_DIRECTORY,
  VKEY_FILE,
} from './layout.ts';
import { decodeSlot, SLOT_BYTES, type Slot, type SlotReading } from './slot.ts';
import { endsAtItsOffset } from './slot-place.ts';

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
/** A note fits a slot; with what JSON escapes in it, and more keys than a log ever had, it fits this. */
const MAX_SMALL_BYTES = 64 * 1024;
/** A slot may be read while its writer is at it; torn is only what stays torn, or was not written just now. */
const SLOT_READS = 4;
const SLOT_READ_PAUSE_MS = 25;
const SLOT_WRITE_MS = 1_000;

export interface FileSourceOptions {
  /** Private side of the log, for its high-water file. Default: `<directory>.private`. */
  readonly stateDirectory?: string | undefined;
}

/**
 * Opens a directory for one verification: notes are read once, at the first question, and entries after them, so
 * that on a log being written every note found has its entries on disk already.
 * @throws AuditError `LOG_MISSING` where there is no such directory
 */
export async function openFileSource(directory: string, options: FileSourceOptions = {}): Promise<LogSource> {
  const path = resolve(directory);
  const found = await stat(path).catch(notThere);
  if (!found?.isDirectory()) {
    throw new AuditError('LOG_MISSING', `There is no log at ${path}: no such directory.`);
  }
  return new FileSource(path, resolve(options.stateDirectory ?? `${path}.private`));
}

interface Notes {
  readonly found: readonly FoundNote[];
  readonly slots: ReadonlyMap<number, Slot>;
  readonly torn: readonly TornPlace[];
}

class FileSource implements LogSource {
  readonly location: string;
  readonly #stateDirectory: string;
  #notes: Promise<Notes> | undefined;

  constructor(directory: string, stateDirectory: string) {
    this.location = directory;
    this.#stateDirectory = stateDirectory;
  }

  async *notes(): AsyncIterable<FoundNote> {
    yield* (await this.#readNotes()).found;
  }

  async torn(): Promise<readonly TornPlace[]> {
    return (await this.#readNotes()).torn;
  }

  async misplaced(): Promise<readonly TornPlace[]> {
    const places: TornPlace[] = [];
    for (const [index, slot] of (await this.#readNotes()).slots) {
      if (!(await endsAtItsOffset(this.location, slot))) places.push({ place: 'slot', index });
    }
    return places;
  }

  async segments(): Promise<readonly SegmentSource[]> {
    const directory = join(this.location, ENTRIES_DIRECTORY);
    const byFirst = new Map<number, string>();
    // Sorted, `.jsonl` comes before its `.jsonl.gz`: while both are there the first is the whole one.
    for (const name of ((await readdir(directory).catch(notThere)) ?? []).sort()) {
      const first = segmentFirst(name);
      if (first !== null && !byFirst.has(first)) byFirst.set(first, name);
    }
    const named = [...byFirst].sort(([a], [b]) => a - b);
    return Promise.all(
      named.map(async ([first, name], i) => ({
        first,
        name,
        bytes: (await stat(join(directory, name)).catch(notThere))?.size ?? 0,
        read: (from?: number) => readSegment(directory, name, first, from ?? first, named[i + 1]?.[0]),
      })),
    );
  }

  async hashes(level: number, from: number, to: number): Promise<Uint8Array> {
    const file = await openFound(join(this.location, TREE_DIRECTORY, String(level)));
    if (file === null || to <= from) return new Uint8Array();
    try {
      const bytes = await readFully(file, from * HASH_BYTES, (to - from) * HASH_BYTES);
      return bytes.subarray(0, bytes.length - (bytes.length % HASH_BYTES));
    } finally {
      await file.close();
    }
  }

  async *kept(): AsyncIterable<string> {
    yield* (await readFoundLines(join(this.location, KEPT_FILE), MAX_ENTRY_BYTES)).lines;
  }

  async vkeys(): Promise<readonly string[]> {
    const text = (await readFound(join(this.location, VKEY_FILE), MAX_SMALL_BYTES))?.toString('utf8') ?? '';
    return text.split('\n').filter((line) => line !== '');
  }

  #readNotes(): Promise<Notes> {
    this.#notes ??= this.#collectNotes();
    return this.#notes;
  }

  /** High-water first: what it names stood in a slot before, so the slots read after it are at least as new. */
  async #collectNotes(): Promise<Notes> {
    const found: FoundNote[] = [];
    const torn: TornPlace[] = [];
    const slots = new Map<number, Slot>();
    // One that cannot be read is none: it is not part of the log.
    const highWater = await readNote(join(this.#stateDirectory, HIGH_WATER_FILE)).catch(() => null);
    const mark = highWater === null ? '' : noteOfHighWater(highWater);
    if (mark !== '') found.push({ place: 'high-water', index: 0, text: mark });

    for (const [index, slot] of (await this.#slots()).entries()) {
      if (slot.state === 'good') {
        found.push({ place: 'slot', index, text: slot.slot.note });
        slots.set(index, slot.slot);
      }
      if (slot.state === 'torn') torn.push({ place: 'slot', index });
    }

    const checkpoint = await readNote(join(this.location, CHECKPOINT_FILE));
    if (checkpoint !== null) found.push({ place: 'checkpoint', index: 0, text: checkpoint });

    const place: NotePlace = 'checkpoints';
    const { lines, unfinished } = await readFoundLines(
      join(this.location, CHECKPOINTS_FILE),
      MAX_SMALL_BYTES,
    );
    // A note is the same note however often it stands there.
    const seen = new Set<string>();
    for (const [index, line] of lines.entries()) {
      if (!seen.has(line)) found.push({ place, index, text: stringOfLine(line) });
      seen.add(line);
    }
    if (unfinished) torn.push({ place, index: lines.length });
    return { found, slots, torn };
  }

  async #slots(): Promise<SlotReading[]> {
    const path = join(this.location, COMMIT_FILE);
    for (let reads = 1; ; reads++) {
      // A byte more than it may have makes the second slot as wrong as one too few.
      const bytes = await readFound(path, 2 * SLOT_BYTES + 1);
      if (bytes === null) return [];
      const slots = [decodeSlot(bytes.subarray(0, SLOT_BYTES)), decodeSlot(bytes.subarray(SLOT_BYTES))];
      if (reads === SLOT_READS || slots.every((slot) => slot.state !== 'torn')) return slots;
      const written = (await stat(path).catch(notThere))?.mtimeMs ?? 0;
      if (Math.abs(Date.now() - written) > SLOT_WRITE_MS) return slots;
      await delay(SLOT_READ_PAUSE_MS);
    }
  }
}

async function* readSegment(
  directory: string,
  name: string,
  first: number,
  from: number,
  end: number | undefined,
): AsyncIterable<Uint8Array | DamagedRange> {
  // Between listing and reading, the segment may have been compressed (or, on open, the copy of it removed).
  const other = name.endsWith('.gz') ? name.slice(0, -'.gz'.length) : `${name}.gz`;
  for (const candidate of [name, other]) {
    const file = await openFound(join(directory, candidate));
    if (file === null) continue;
    try {
      if (candidate.endsWith('.gz')) {
        const reader = {
          size: async () => (await file.stat()).size,
          read: (position: number, length: number) => readFully(file, position, length),
        };
        yield* readMembers(reader, first, { from, end });
      } else {
        yield* readLines(file, from - first);
      }
    } finally {
      await file.close();
    }
    return;
  }
}

/** The file's bytes after its first `skip` lines. Each chunk is the reader's own, to write into. */
async function* readLines(file: FileHandle, skip: number): AsyncIterable<Uint8Array> {
  let lines = skip;
  for (let position = 0; ; ) {
    const chunk = await readFully(file, position, CHUNK_BYTES);
    if (chunk.length === 0) return;
    position += chunk.length;
    let start = 0;
    while (lines > 0) {
      const at = chunk.indexOf(NEWLINE, start);
      if (at === -1) break;
      start = at + 1;
      lines--;
    }
    if (lines === 0 && start < chunk.length) yield chunk.subarray(start);
  }
}

/** A note's file as text; one that is too long for a note as none, which will not pass for one. */
async function readNote(path: string): Promise<string | null> {
  const bytes = await readFound(path, MAX_SMALL_BYTES + 1);
  if (bytes === null) return null;
  return bytes.length > MAX_SMALL_BYTES ? '' : bytes.toString('utf8');
}

/**
 * The note inside, if the fields beside it say the same (empty right after creation); else the text as it is, which
 * will not pass for a note.
 */
function noteOfHighWater(text: string): string {
  try {
    const { origin, size, note } = JSON.parse(text) as { origin: unknown; size: unknown; note: unknown };
    if (size === 0 && note === '') return '';
    if (typeof note === 'string' && note.startsWith(`${String(origin)}\n${String(size)}\n`)) return note;
  } catch {
    // Not JSON: handed on as found.
  }
  return text;
}

/** One line of `checkpoints`, in the one spelling the writer uses; any other line is handed on as found. */
function stringOfLine(line: string): string {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'string' && JSON.stringify(value) === line) return value;
  } catch {
    // Not JSON: handed on as found.
  }
  return line;
}
