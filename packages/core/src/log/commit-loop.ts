// The loop that owns the head: takes events from the queue in batches, sequences them, appends them to the store,
// two at a time, and puts right what fails.
import { AuditError, StoreConflictError } from '../errors.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import { foldFrontier } from '../merkle/compact-range.ts';
import type { Hash } from '../merkle/hasher.ts';
import { nodeHasher } from '../merkle/node-hasher.ts';
import type { AuditStore, StoreHead } from '../store/store.ts';
import { backOff } from './back-off.ts';
import { PendingBatch } from './pending-batch.ts';
import type { Queue } from './queue.ts';
import type { Sealer } from './sealer.ts';
import type { Sequencer } from './sequencer.ts';

/** One batch is being synced while the next is sequenced and written; more would only make failures larger. */
export const MAX_IN_FLIGHT = 2;

/**
 * Events that nobody waits for begin a batch at most this often, in milliseconds. A batch costs the same two syncs and
 * one signature for one event as for a thousand: under load the emitted events of 50 ms share them, while the
 * first after a quiet moment is taken at once.
 */
export const GATHER_TIME = 50;

/** What is committed, as far as receipts and readers are concerned. */
export interface CommittedHead {
  readonly size: number;
  readonly root: Hash;
  readonly note: string;
}

export interface CommitHooks {
  /** Before events are taken: the moment to push `log.gap`. */
  beforeTake(): void;
  /** The first entry of a new segment. */
  rotation(): PreparedEvent;
  /** The entries are durable, the signer is not there. */
  unsigned(batch: PendingBatch): void;
  /** Safe: entries and note are durable, and the log stands at `head`, which may be beyond the batch. */
  committed(batch: PendingBatch, head: CommittedHead): void;
  /** The store failed; it is tried again. Called for each failure. */
  storeDown(error: Error): void;
  storeUp(): void;
  /** Another writer's entries `from` ≤ seq < `to` were found in the log. */
  foreign(from: number, to: number): Promise<void>;
  /** Final: nothing will be committed any more. */
  stopped(error: AuditError): void;
}

export interface CommitLoopOptions {
  readonly store: AuditStore;
  readonly queue: Queue;
  readonly sequencer: Sequencer;
  readonly sealer: Sealer;
  readonly batchEvents: number;
  readonly batchBytes: number;
  /** Milliseconds callers wait for a store that fails. */
  readonly patience: number;
  readonly hooks: CommitHooks;
}

export class CommitLoop {
  readonly #options: CommitLoopOptions;
  /** Appended and not settled, in the order of the log. */
  #inFlight: PendingBatch[] = [];
  /** Appended and failed, in the order of the log; waits for `#recover`. */
  #failed: PendingBatch[] = [];
  #failure: Error | null = null;
  #failures = 0;
  #recovering = false;
  #scheduled = false;
  #stopped: AuditError | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  /** When the last batch was taken, by `performance.now()`. */
  #takenAt = Number.NEGATIVE_INFINITY;
  #gatherTimer: NodeJS.Timeout | undefined;

  constructor(options: CommitLoopOptions) {
    this.#options = options;
  }

  /** Batches not yet committed, oldest first. */
  get pending(): readonly PendingBatch[] {
    return [...this.#failed, ...this.#inFlight];
  }

  get stopped(): AuditError | null {
    return this.#stopped;
  }

  /** There is something in the queue. What else this turn of the event loop brings joins the same batch. */
  wake(): void {
    if (this.#scheduled || this.#stopped !== null) return;
    // While events gather, most turns bring nothing that ends it: the timer comes by itself.
    if (this.#gatherTimer !== undefined && !this.#isUrgent()) return;
    this.#scheduled = true;
    setImmediate(this.#run);
  }

  /** Nothing is pending and nothing comes any more. */
  end(error: AuditError): void {
    this.#stopped ??= error;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#gatherTimer);
  }

  /** Ends everything: what is pending will not be acknowledged. The first reason stays. */
  stop(error: AuditError): void {
    if (this.#stopped !== null) return;
    this.#stopped = error;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#gatherTimer);
    this.#options.sealer.abort(error);
    this.#options.hooks.stopped(error);
    this.#failed = [];
    this.#inFlight = [];
  }

  readonly #run = () => {
    this.#scheduled = false;
    try {
      while (this.#stopped === null && !this.#recovering && this.#failure === null) {
        if (this.#inFlight.length >= MAX_IN_FLIGHT || !this.#isDue()) return;
        const batch = this.#next();
        if (batch === null) return;
        this.#takenAt = performance.now();
        this.#inFlight.push(batch);
        this.#options.sequencer.sequence(batch);
        this.#append(batch);
      }
    } catch (error) {
      this.#broken(error);
    }
  };

  /** False where what is in line may gather some more; then the loop comes back by itself. */
  #isDue(): boolean {
    if (this.#isUrgent()) return true;
    const left = this.#takenAt + GATHER_TIME - performance.now();
    if (left <= 0) return true;
    // A timer that keeps the process alive: events are pending.
    this.#gatherTimer ??= setTimeout(() => {
      this.#gatherTimer = undefined;
      this.#run();
    }, left);
    return false;
  }

  /** Nothing is in line that could gather, or what is there must not wait. */
  #isUrgent(): boolean {
    const { queue, batchEvents } = this.#options;
    return queue.waiting === 0 || queue.waiting >= batchEvents || queue.awaited || queue.crowded;
  }

  #next(): PendingBatch | null {
    const { store, queue, sequencer, hooks, batchEvents, batchBytes } = this.#options;
    hooks.beforeTake();
    if (queue.waiting === 0) return null;
    // A segment ends where everything before it is committed, so that `log.rotate` names the checkpoint before it.
    const rotating = this.#inFlight.some((batch) => batch.startsSegment);
    const startsSegment = !rotating && sequencer.size > 0 && store.rotationDue?.() === true;
    if (startsSegment && this.#inFlight.length > 0) return null;
    const taken = queue.take(batchEvents, batchBytes)!;
    const queued = taken.events.length;
    if (startsSegment) {
      taken.events.unshift(hooks.rotation());
      taken.waiters.unshift(null);
    }
    return new PendingBatch(taken.events, taken.waiters, startsSegment, queued);
  }

  #append(batch: PendingBatch): void {
    const { store, sealer, hooks } = this.#options;
    const { start, batch: content } = batch.sequenced!;
    store
      .append(start, content, (size, root) => sealer.seal(size, root, () => hooks.unsigned(batch)))
      .then(
        (note) => this.#committed(batch, note),
        (error) => this.#rejected(batch, error),
      )
      .catch((error) => this.#broken(error));
  }

  #committed(batch: PendingBatch, note: string): void {
    if (this.#stopped !== null) return;
    this.#inFlight.splice(this.#inFlight.indexOf(batch), 1);
    const { start, batch: content } = batch.sequenced!;
    this.#acknowledge(batch, { size: start + content.entries.length, root: content.root, note });
    if (this.#failure !== null && this.#inFlight.length === 0) this.#recover();
    else this.#run();
  }

  #acknowledge(batch: PendingBatch, head: CommittedHead): void {
    if (this.#failures > 0) this.#options.hooks.storeUp();
    this.#failures = 0;
    this.#options.hooks.committed(batch, head);
  }

  // A failure fails all appends after it: the last of them to settle starts the recovery.
  #rejected(batch: PendingBatch, error: unknown): void {
    if (this.#stopped !== null) return;
    this.#inFlight.splice(this.#inFlight.indexOf(batch), 1);
    this.#failed.push(batch);
    this.#failed.sort((a, b) => a.sequenced!.start - b.sequenced!.start);
    const reason = error instanceof Error ? error : new Error(String(error));
    if (isFinal(reason)) this.stop(reason);
    else this.#failure ??= reason;
    if (this.#stopped === null && this.#inFlight.length === 0) this.#recover();
  }

  #recover(): void {
    const failure = this.#failure!;
    if (this.#recovering) return;
    this.#recovering = true;
    if (failure instanceof StoreConflictError) {
      void this.#reload();
      return;
    }
    this.#options.hooks.storeDown(failure);
    this.#retryTimer = setTimeout(
      () => void this.#reload(),
      backOff(this.#failures++, this.#options.patience),
    );
  }

  /** Asks the store what stands, and appends again what does not. */
  async #reload(): Promise<void> {
    const { store, sequencer, hooks } = this.#options;
    try {
      const head = await store.head();
      if (this.#stopped !== null) return;
      let ours = this.#failed[0]!.sequenced!.start;
      let standing = 0;
      while (standing < this.#failed.length && (await this.#stands(this.#failed[standing]!, head)))
        ours += this.#failed[standing++]!.sequenced!.batch.entries.length;
      // Known before anybody hears that the log reaches beyond them: their ids may be asked for next.
      if (head.size > ours) await hooks.foreign(ours, head.size);
      if (this.#stopped !== null) return;
      const root = foldFrontier(nodeHasher, head.frontier);
      for (const batch of this.#failed.splice(0, standing))
        this.#acknowledge(batch, { size: head.size, root, note: head.note! });
      sequencer.reset(head, this.#failed[0]);
    } catch (error) {
      if (this.#stopped !== null) return;
      this.#recovering = false;
      this.#failure = error instanceof Error ? error : new Error(String(error));
      if (isFinal(this.#failure)) this.stop(this.#failure);
      else this.#recover();
      return;
    }
    try {
      this.#appendAgain();
    } catch (error) {
      this.#broken(error);
    }
    this.#run();
  }

  #appendAgain(): void {
    const { sequencer } = this.#options;
    const again = this.#failed;
    this.#recovering = false;
    this.#failure = null;
    this.#failed = [];
    this.#inFlight.push(...again);
    for (const batch of again) {
      if (!sequencer.keep(batch)) sequencer.sequence(batch);
      this.#append(batch);
    }
  }

  /** A mistake in this package must end the log in the open, not the process. */
  #broken(cause: unknown): void {
    this.stop(
      new AuditError('LOG_STOPPED', 'The log has stopped on an internal error: open it again.', { cause }),
    );
  }

  /** True where an append that was reported as failed is in the log after all. */
  async #stands(batch: PendingBatch, head: StoreHead): Promise<boolean> {
    const { start, batch: content } = batch.sequenced!;
    const end = start + content.leaves.length;
    if (head.size < end || head.note === null) return false;
    const leaves = await this.#options.store.hashes(0, start, end);
    return leaves.length === content.leaves.length && leaves.every((leaf, i) => leaf === content.leaves[i]);
  }
}

function isFinal(error: Error): error is AuditError {
  return error instanceof AuditError && (error.code === 'FENCED' || error.code === 'LOG_STOPPED');
}
