// The archive of a log: a second directory with the sealed segments, which is itself a log that verifies.
import { join, resolve } from 'node:path';
import { AuditError } from '../../errors.ts';
import { nodeHasher } from '../../merkle/node-hasher.ts';
import { rootOf } from '../../merkle/proof.ts';
import { type Checkpoint, parseCheckpoint } from '../../note/checkpoint.ts';
import { nodeSignatures } from '../../note/node-primitives.ts';
import { parseNote } from '../../note/note.ts';
import type { VerifierKey } from '../../note/signer.ts';
import { parseVerifierKey } from '../../note/verifier-key.ts';
import { type ArchiveOptions, type ArchiveReport, DEFAULT_ARCHIVE_COMPRESSION } from './archive-options.ts';
import { copySegment } from './archive-segment.ts';
import { checkTreePart } from './check-part.ts';
import { genuineOrNothing } from './choose-slot.ts';
import type { Disk } from './disk.ts';
import { makeDirectory, readText, replaceFile } from './durable.ts';
import {
  CHECKPOINT_FILE,
  CHECKPOINTS_FILE,
  ENTRIES_DIRECTORY,
  KEPT_FILE,
  TREE_DIRECTORY,
  VKEY_FILE,
} from './layout.ts';
import { nodeDisk } from './node-disk.ts';
import { listSegments, type Range } from './read.ts';
import { TreeFiles } from './tree-files.ts';

/** Hashes copied at once. */
const STRETCH = 32_768;

/** A genuine note of the log. */
interface Kept {
  readonly note: string;
  readonly checkpoint: Checkpoint;
}

/**
 * Copies what is sealed and not archived yet. The archive ends where its checkpoint was signed: at the end of a segment.
 * In order: each segment (see `copySegment`) · the tree up to that size, synced, and checked as the archive has it · the
 * small files · `checkpoint`, last. A crash leaves an archive that verifies up to where it ended before, and the next run
 * goes on. The log is only read; what of it is not as it was signed is not archived.
 *
 * @throws AuditError `ARCHIVE_INVALID` · `LOG_TAMPERED` the log's tree · `STORE_IO` · `KEY_INVALID`
 */
export function archiveLog(options: ArchiveOptions): Promise<ArchiveReport> {
  return archiveOn(nodeDisk, options);
}

/** The same through another file layer. */
export async function archiveOn(disk: Disk, options: ArchiveOptions): Promise<ArchiveReport> {
  const [directory, archive] = [resolve(options.directory), resolve(options.archive)];
  if (directory === archive)
    throw new AuditError('ARCHIVE_INVALID', 'the archive must be another directory than the log');
  const tree = await TreeFiles.open(disk, join(directory, TREE_DIRECTORY));
  try {
    return await new Archiver(options, disk, directory, archive, tree).run();
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new AuditError(
      'STORE_IO',
      `${archive} cannot be written, or ${directory} read (${error.message}): the folder above the archive must exist and have room; what was archived before stands`,
      { cause: error },
    );
  } finally {
    await tree.close();
  }
}

class Archiver {
  readonly #options: ArchiveOptions;
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #archive: string;
  readonly #tree: TreeFiles;
  readonly #hashes: (level: number, from: number, to: number) => Promise<string[]>;

  constructor(options: ArchiveOptions, disk: Disk, directory: string, archive: string, tree: TreeFiles) {
    this.#options = options;
    this.#disk = disk;
    this.#directory = directory;
    this.#archive = archive;
    this.#tree = tree;
    this.#hashes = (level, from, to) => tree.read(level, from, to);
  }

  async run(): Promise<ArchiveReport> {
    const notes = await this.#notes(await this.#keys());
    const before = await this.#before(notes);
    const firsts = (await listSegments(this.#disk, join(this.#directory, ENTRIES_DIRECTORY))).map(
      ({ first }) => first,
    );
    // A note over all before a segment: what is before it is whole, and signed.
    const target = [...notes].reverse().find(({ checkpoint: { size } }) => size > 0 && firsts.includes(size));
    if (target === undefined || target.checkpoint.size <= before.size) return this.#report(before, []);
    const { size } = target.checkpoint;
    const ranges = firsts.flatMap((from, i) =>
      from >= before.size && from < size ? [{ from, to: firsts[i + 1]! }] : [],
    );
    const from = ranges[0]?.from ?? size;
    if (before.size > 0 && from !== before.size) throw hole(this.#archive, before.size, from);
    await checkTreePart(this.#hashes, { from, to: size }, target.checkpoint);
    const copied = await this.#copy(ranges);
    await this.#copyTree(before.size, target.checkpoint);
    await this.#copySmall(notes, target);
    return this.#report({ first: before.size === 0 ? from : before.first, size }, copied, from);
  }

  async #keys(): Promise<VerifierKey[]> {
    const given = this.#options.keys ?? (await this.#text(VKEY_FILE)).split('\n').filter((key) => key !== '');
    return given.map((vkey) => parseVerifierKey(vkey, nodeSignatures));
  }

  /** Genuine notes of `checkpoints`, by size. */
  async #notes(keys: readonly VerifierKey[]): Promise<Kept[]> {
    const kept: Kept[] = [];
    for (const line of (await this.#text(CHECKPOINTS_FILE)).split('\n')) {
      const note = stringOf(line);
      const checkpoint = note === null ? undefined : genuineOrNothing(note, keys);
      if (checkpoint !== undefined) kept.push({ note: note!, checkpoint });
    }
    return kept.sort((a, b) => a.checkpoint.size - b.checkpoint.size);
  }

  /** What the archive holds already; its checkpoint must be one of this log's past. */
  async #before(notes: readonly Kept[]): Promise<{ first: number; size: number }> {
    const note = await readText(this.#disk, join(this.#archive, CHECKPOINT_FILE));
    if (note === null) return { first: 0, size: 0 };
    const ours = notes.at(-1)?.checkpoint.origin;
    const known = checkpointOf(note);
    const root = known && (await rootOf(nodeHasher, known.size, this.#hashes).catch(() => undefined));
    if (known === undefined || root !== known.root || (ours ?? known.origin) !== known.origin) {
      throw new AuditError(
        'ARCHIVE_INVALID',
        `${this.#archive} does not end in a checkpoint of ${this.#directory}: it is the archive of another log, or the history of this one was replaced; run audit verify on both, or give another directory`,
      );
    }
    const entries = await listSegments(this.#disk, join(this.#archive, ENTRIES_DIRECTORY));
    return { first: entries[0]?.first ?? known.size, size: known.size };
  }

  async #copy(ranges: readonly Range[]): Promise<{ name: string; bytes: number }[]> {
    const to = join(this.#archive, ENTRIES_DIRECTORY);
    await makeDirectory(this.#disk, this.#archive);
    await makeDirectory(this.#disk, to);
    const copied: { name: string; bytes: number }[] = [];
    for (const range of ranges) {
      this.#options.signal?.throwIfAborted();
      copied.push(
        await copySegment({
          ...{ disk: this.#disk, from: join(this.#directory, ENTRIES_DIRECTORY), to, range },
          compression: this.#options.compression ?? DEFAULT_ARCHIVE_COMPRESSION,
          hashes: this.#hashes,
        }),
      );
    }
    return copied;
  }

  /** Appends what the tree grew by, syncs it, and reads it back up to the root: all of it where the archive is new. */
  async #copyTree(from: number, { size, root }: Checkpoint): Promise<void> {
    const copy = await TreeFiles.open(this.#disk, join(this.#archive, TREE_DIRECTORY));
    try {
      for (let level = 0; TreeFiles.width(level, size) > 0; level++) {
        const width = TreeFiles.width(level, size);
        for (let at = TreeFiles.width(level, from); at < width; at += STRETCH) {
          this.#options.signal?.throwIfAborted();
          await copy.write(level, at, await this.#tree.read(level, at, Math.min(at + STRETCH, width)));
        }
      }
      await copy.sync();
      await checkTreePart(
        (level, start, end) => copy.read(level, start, end),
        { from, to: size },
        { size, root },
      );
    } finally {
      await copy.close();
    }
  }

  async #copySmall(notes: readonly Kept[], { note, checkpoint }: Kept): Promise<void> {
    const lines = notes.flatMap((kept) =>
      kept.checkpoint.size <= checkpoint.size ? [`${JSON.stringify(kept.note)}\n`] : [],
    );
    await this.#replace(CHECKPOINTS_FILE, lines.join(''));
    await this.#replace(VKEY_FILE, await this.#text(VKEY_FILE));
    // What was pruned before there was an archive is not in it, but what was kept of it is.
    const kept = await this.#text(KEPT_FILE);
    if (kept !== '') await this.#replace(KEPT_FILE, kept);
    await this.#replace(CHECKPOINT_FILE, note);
  }

  async #text(name: string): Promise<string> {
    return (await readText(this.#disk, join(this.#directory, name))) ?? '';
  }

  #replace(name: string, text: string): Promise<void> {
    return replaceFile(this.#disk, join(this.#archive, name), text);
  }

  #report(
    { first, size }: { readonly first: number; readonly size: number },
    copied: readonly { readonly name: string; readonly bytes: number }[],
    from = size,
  ): ArchiveReport {
    const bytes = copied.reduce((sum, one) => sum + one.bytes, 0);
    return { archive: this.#archive, first, size, from, segments: copied.map(({ name }) => name), bytes };
  }
}

function stringOf(line: string): string | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'string' ? value : null;
  } catch {
    return null; // a torn last line
  }
}

/** Whoever signed it: what counts is that its root is one of the log's, and that the next one is signed. */
function checkpointOf(note: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(parseNote(note).text);
  } catch {
    return undefined;
  }
}

function hole(archive: string, from: number, to: number): AuditError {
  return new AuditError(
    'ARCHIVE_INVALID',
    `${archive} ends before entry ${from}, and entries ${from} to ${to - 1} were pruned without being archived: begin a new archive in another directory`,
  );
}
