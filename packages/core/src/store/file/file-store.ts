// The file store: append, two syncs, publish. The order of its system calls is the log's promise.
import { join } from 'node:path';
import { AuditError, StoreConflictError } from '../../errors.ts';
import type { Clock } from '../../log/options.ts';
import { nodeHasher } from '../../merkle/node-hasher.ts';
import { frontierOf } from '../../merkle/proof.ts';
import type { Signer } from '../../note/signer.ts';
import type {
  AuditStore,
  Batch,
  CommitPrune,
  PrunePlan,
  Seal,
  StoredEntry,
  StoredSegment,
  StoreHead,
  StoreOpening,
} from '../store.ts';
import { Compressor } from './compress.ts';
import { ENTRIES_DIRECTORY, segmentName } from './layout.ts';
import { encodeLines } from './lines.ts';
import { mendSegment } from './mend.ts';
import { FILE_MODE } from './node-disk.ts';
import { Pruner } from './pruner.ts';
import { readSegments } from './read.ts';
import { Segment } from './segment.ts';
import type { Committed, OpenedFiles } from './state.ts';
import { TreeFiles } from './tree-files.ts';

/** A note is kept in `checkpoints` at least this often, in milliseconds. */
export const KEPT_NOTE_INTERVAL = 60 * 60 * 1000;

export interface FileStoreLimits {
  readonly segmentBytes: number;
  readonly segmentAge: number;
  readonly clock: Clock;
}

/** Where a batch goes. Fixed when `append` is called; nothing in it changes after. */
interface Plan {
  readonly batch: Batch;
  readonly from: number;
  readonly size: number;
  readonly text: Uint8Array;
  readonly offset: number;
}

/**
 * One batch, from call to disk:
 *
 * 1. fence: both slots are still as this writer left them
 * 2. the lines go to the active segment, their hashes to `tree/` (not synced: derived)
 * 3. fdatasync of the segment
 * 4. the batch before is published; fence again
 * 5. `seal` signs size and root
 * 6. the slot that is not the newest is written, and fdatasynced
 * 7. the note is published: `append` resolves
 *
 * A crash before 6 leaves bytes past the committed offset, which opening quarantines; within 6, a torn slot beside a
 * good one; after 6, a commit. Steps 1–3 of the next batch overlap 4–6 of this one.
 */
export class FileStore implements AuditStore {
  readonly origin: string;
  readonly signer: Signer;
  readonly location: string;
  readonly opened: StoreOpening;

  readonly #files: OpenedFiles;
  readonly #limits: FileStoreLimits;
  readonly #compressor: Compressor;
  readonly #pruner: Pruner;
  #committed: Committed;

  // Owned by append(): where the next batch goes.
  #planned: { size: number; offset: number };
  #tail: Segment;
  #written: Promise<void> = Promise.resolve();
  #published: Promise<unknown> = Promise.resolve();
  #inFlight = 0;
  #whenIdle: (() => void)[] = [];

  /** Why appends fail until `head()` has mended the segment. */
  #broken: AuditError | undefined;
  /** Why nothing is ever written again. */
  #stopped: AuditError | undefined;
  /** The batch that was signed and could not be made durable. */
  #uncertain: Plan | undefined;
  #mending: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #keptAt: number;
  #noteProblem: string | undefined;

  constructor(files: OpenedFiles, limits: FileStoreLimits) {
    this.#files = files;
    this.#limits = limits;
    this.#committed = files.committed;
    this.#planned = { size: files.committed.size, offset: files.committed.offset };
    this.#tail = files.committed.segment;
    this.#keptAt = limits.clock.now();
    this.#compressor = new Compressor(files.disk, join(files.directory, ENTRIES_DIRECTORY), files.named);
    this.#pruner = new Pruner(files, this.#compressor, () => this.#committed);
    this.origin = files.origin;
    this.signer = files.signer;
    this.location = files.directory;
    this.opened = files.opening;
  }

  async head(): Promise<StoreHead> {
    await this.#idle();
    if (this.#stopped !== undefined) throw this.#stopped;
    if (this.#closing !== undefined) throw this.#closed();
    if (this.#broken !== undefined) await this.#mend();
    const { size, lastLeaf, lastEntry, note } = this.#committed;
    const frontier = await frontierOf(nodeHasher, size, (level, from, to) =>
      this.#files.tree.read(level, from, to),
    );
    return { size, frontier, lastLeaf, lastEntry, note };
  }

  append(expectedSize: number, batch: Batch, seal: Seal): Promise<string> {
    if (batch.entries.length === 0)
      return Promise.reject(new RangeError('batch must hold at least one entry'));
    const refusal = this.#stopped ?? this.#broken;
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.#closing !== undefined) return Promise.reject(this.#closed());
    if (expectedSize !== this.#planned.size) {
      return Promise.reject(
        new StoreConflictError(`expected ${expectedSize} entries, the log has ${this.#planned.size}`),
      );
    }
    if (batch.startsSegment && this.#inFlight > 0) {
      return Promise.reject(new RangeError('batch.startsSegment: appends before it must have resolved'));
    }
    const text = encodeLines(batch.entries);
    const offset = batch.startsSegment ? 0 : this.#planned.offset;
    const plan: Plan = { batch, text, offset, from: expectedSize, size: expectedSize + batch.entries.length };
    this.#planned = { size: plan.size, offset: offset + text.length };
    this.#inFlight++;

    const written = this.#written.then(() => this.#write(plan));
    const durable = written.then(() => this.#tail.file.datasync());
    const published = Promise.all([this.#published, durable]).then(() => this.#publish(plan, seal));
    this.#written = written;
    this.#published = published;
    // Promise.all may settle before the batch ahead has: the count waits for both.
    void Promise.allSettled([written, durable, published]).then((results) => this.#settle(results));
    return published.catch((error) => {
      throw this.#uncertain === plan ? error : this.#classify(error);
    });
  }

  entries(from: number, to: number): AsyncIterable<StoredEntry> {
    const { disk, directory } = this.#files;
    const { size, segment, offset } = this.#committed;
    return readSegments(
      disk,
      join(directory, ENTRIES_DIRECTORY),
      { from, to: Math.min(to, size) },
      { segment, offset },
    );
  }

  hashes(level: number, from: number, to: number): Promise<string[]> {
    return this.#files.tree.read(level, from, Math.min(to, TreeFiles.width(level, this.#committed.size)));
  }

  async *notes(): AsyncIterable<string> {
    const { note } = this.#committed;
    const kept = [...this.#files.notes.notes];
    yield* kept;
    if (note !== null && kept.at(-1) !== note) yield note;
  }

  segments(): Promise<readonly StoredSegment[]> {
    return this.#pruner.segments();
  }

  prune(to: number, commit: CommitPrune | null, signal?: AbortSignal): Promise<PrunePlan> {
    const refusal = this.#stopped ?? (this.#closing === undefined ? undefined : this.#closed());
    return refusal === undefined ? this.#pruner.prune(to, commit, signal) : Promise.reject(refusal);
  }

  rotationDue(): boolean {
    const { startedAt, first } = this.#tail;
    if (this.#pruner.finishing || startedAt === undefined || this.#planned.size === first) return false;
    return (
      this.#planned.offset >= this.#limits.segmentBytes ||
      this.#limits.clock.now() - startedAt >= this.#limits.segmentAge
    );
  }

  warnings(): readonly string[] {
    const own = [this.#files.marks.problem, this.#noteProblem, this.#compressor.problem];
    return [...this.#files.warnings, ...own.filter((problem) => problem !== undefined)];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Steps 1 and 2. Runs for one batch at a time. */
  async #write({ batch, text, offset, from }: Plan): Promise<void> {
    const { commit, tree } = this.#files;
    await commit.check();
    if (batch.startsSegment) await this.#startSegment(from);
    this.#tail.startedAt ??= this.#limits.clock.now();
    this.#tail.mark(from, offset);
    // All have ended when this ends: none may still be under way while the segment is mended and written again.
    const writes = await Promise.allSettled([
      this.#tail.file.write(text, offset),
      tree.write(0, from, batch.leaves),
      ...batch.nodes.map((nodes, index) => tree.write(index + 1, TreeFiles.width(index + 1, from), nodes)),
    ]);
    for (const write of writes) if (write.status === 'rejected') throw write.reason;
  }

  /**
   * The new segment's name is durable before a slot can name it, and so are the note that ends the old one and the
   * tree under it. A crash anywhere here leaves an empty file too many, which opening removes.
   */
  async #startSegment(first: number): Promise<void> {
    const { disk, directory, notes, tree } = this.#files;
    if (this.#committed.note !== null) await notes.append(this.#committed.note);
    await tree.sync();
    const folder = join(directory, ENTRIES_DIRECTORY);
    const name = segmentName(first);
    const file = await disk.create(join(folder, name), FILE_MODE);
    this.#tail = new Segment(name, first, file, undefined);
    await disk.syncDirectory(folder);
  }

  /** Steps 4 to 7. Runs for one batch at a time, in order. */
  async #publish(plan: Plan, seal: Seal): Promise<string> {
    const { batch, size, offset, text } = plan;
    const { commit, notes, marks } = this.#files;
    await this.#fence();
    const sealed = performance.now();
    const note = await seal(size, batch.root);
    // From here on the note may be known to the signer's side: nothing is cut, and no other root of this size signed.
    try {
      if (performance.now() - sealed > SLOW_SEAL) await this.#fence(); // a signer that was away gave others time
      await commit.write({ segment: this.#tail.name, offset: offset + text.length, note });
    } catch (error) {
      this.#uncertain = plan;
      throw this.#stop(error);
    }
    const before = this.#committed.segment;
    this.#committed = {
      size,
      note,
      lastLeaf: batch.leaves.at(-1)!,
      lastEntry: batch.entries.at(-1)!,
      segment: this.#tail,
      offset: offset + text.length,
    };
    if (before !== this.#tail) await before.file.close().catch(() => {});
    this.#compressor.committed(this.#tail.first);
    marks.publish(size, note);
    const now = this.#limits.clock.now();
    if (batch.keepNote || now - this.#keptAt >= KEPT_NOTE_INTERVAL) {
      this.#keptAt = now;
      await notes.append(note).catch((error: Error) => {
        this.#noteProblem = `a checkpoint could not be kept in checkpoints (${error.message}): make room, then open the log again`;
      });
    }
    return note;
  }

  async #fence(): Promise<void> {
    const [, current] = await Promise.all([this.#files.commit.check(), this.#tail.file.isCurrent()]);
    if (!current) {
      throw new AuditError(
        'FENCED',
        `${join(this.location, ENTRIES_DIRECTORY, this.#tail.name)} was removed or replaced while it was written: this writer has stopped; restore it, then open the log again`,
      );
    }
  }

  #settle(results: readonly PromiseSettledResult<unknown>[]): void {
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) this.#classify(failure.reason);
    if (--this.#inFlight > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** The one place that decides: stop for good, or fail what is in flight and go on from `head()`. */
  #classify(error: unknown): AuditError {
    if (this.#stopped !== undefined) return this.#stopped;
    if (error instanceof AuditError && error.code === 'FENCED') {
      this.#stopped = error;
      return error;
    }
    this.#broken ??=
      error instanceof AuditError && error.code !== 'STORE_IO' && error.code !== 'NOTE_INVALID'
        ? error
        : new AuditError(
            'STORE_IO',
            `${this.location} could not be written (${(error as Error)?.message ?? error}): make room or repair the disk; nothing of this batch stands`,
            { cause: error },
          );
    return this.#broken;
  }

  /** After a signature: the outcome is uncertain, and final. */
  #stop(cause: unknown): AuditError {
    this.#stopped ??=
      cause instanceof AuditError && cause.code === 'FENCED'
        ? cause
        : new AuditError(
            'LOG_STOPPED',
            `${this.location}: a signed checkpoint could not be made durable, so the log has stopped; repair the disk, then open it again`,
            { cause },
          );
    return new AuditError(
      'COMMIT_UNCERTAIN',
      'the event may still appear: open the log again and record it with its id',
      {
        cause: this.#stopped,
      },
    );
  }

  /** One mending at a time, and `close` waits for it: nothing may be cut once the lock is let go. */
  #mend(): Promise<void> {
    this.#mending ??= this.#goOn().finally(() => {
      this.#mending = undefined;
    });
    return this.#mending;
  }

  async #goOn(): Promise<void> {
    const { segment, offset, size } = this.#committed;
    try {
      await mendSegment(this.#files, this.#committed, this.#tail);
    } catch (error) {
      if ((error as AuditError).code === 'FENCED') throw this.#classify(error);
      throw error;
    }
    this.#tail = segment;
    this.#planned = { size, offset };
    this.#written = Promise.resolve();
    this.#published = Promise.resolve();
    this.#broken = undefined;
  }

  #closed(): AuditError {
    return new AuditError('LOG_CLOSED', `${this.location} is closed: open it again`);
  }

  #idle(): Promise<void> {
    return this.#inFlight === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  async #close(): Promise<void> {
    const { commit, tree, notes, marks, release } = this.#files;
    await this.#pruner.idle();
    await this.#idle();
    await this.#mending?.catch(() => {}); // told to whoever asked for the head
    try {
      await this.#compressor.stop();
      await marks.flush(); // which syncs the tree; where it cannot, the next open makes the tree anew from the last mark
    } finally {
      await Promise.allSettled([commit.close(), tree.close(), notes.close(), this.#tail.file.close()]);
      await release();
    }
  }
}

/** A signature that took longer, in milliseconds, is followed by another look at the slots. */
const SLOW_SEAL = 1_000;
