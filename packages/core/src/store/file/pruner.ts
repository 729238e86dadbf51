// Pruning an open file store: plan, commit, finish, one prune at a time, while appends go on.
import { AuditError } from '../../errors.ts';
import type { CommitPrune, PrunePlan, StoredSegment } from '../store.ts';
import type { Compressor } from './compress.ts';
import { planPrune } from './plan-prune.ts';
import { finishPrune } from './prune.ts';
import { describeSegments, type SegmentView } from './segments.ts';
import type { Committed, OpenedFiles } from './state.ts';

export class Pruner {
  readonly #files: OpenedFiles;
  readonly #compressor: Compressor;
  readonly #committed: () => Committed;
  /** Prunes take turns. */
  #running: Promise<unknown> = Promise.resolve();
  #finishing = false;
  /** Up to where a prune was recorded; less than that may be gone where it then failed. */
  #recorded = 0;

  constructor(files: OpenedFiles, compressor: Compressor, committed: () => Committed) {
    this.#files = files;
    this.#compressor = compressor;
    this.#committed = committed;
  }

  /**
   * From before a `log.prune` is committed until its segments are gone no segment may end: opening looks for a prune that
   * was cut short in the last two only.
   */
  get finishing(): boolean {
    return this.#finishing;
  }

  segments(): Promise<readonly StoredSegment[]> {
    return describeSegments(this.#view());
  }

  prune(to: number, commit: CommitPrune | null, signal?: AbortSignal): Promise<PrunePlan> {
    const pruned = this.#running.then(() => this.#prune(to, commit, signal)).catch((e) => this.#fail(e));
    this.#running = pruned.catch(() => {});
    return pruned;
  }

  /** Resolves when nothing is being pruned. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /**
   * Plan: entries, tree and note agree, and `tree/` is synced · `commit`: `log.prune` is durable and signed · what must
   * stay is kept · segments are unlinked. A crash before the commit changes nothing; after it, opening does the rest.
   */
  async #prune(to: number, commit: CommitPrune | null, signal?: AbortSignal): Promise<PrunePlan> {
    const { disk, directory, tree } = this.#files;
    const { note, segment, offset } = this.#committed();
    const active = { segment, offset };
    const plan = await planPrune(to, {
      ...{ ...this.#view(), tree, note, active, signal },
      recorded: this.#recorded,
    });
    if (commit === null || plan.segments.length === 0) return plan;
    this.#finishing = true;
    try {
      await commit(plan);
      this.#recorded = plan.to;
      const { segment, offset } = this.#committed();
      await this.#compressor.exclusively(() => finishPrune(disk, directory, plan.to, { segment, offset }));
    } finally {
      this.#finishing = false;
    }
    return plan;
  }

  #view(): SegmentView {
    const { disk, directory } = this.#files;
    const { size, segment } = this.#committed();
    const { sealedBefore } = this.#compressor;
    return { disk, directory, size, activeFirst: segment.first, sealedBefore };
  }

  /** What was found, and what the commit said, speaks for itself; what a system call says does not. */
  #fail(error: unknown): never {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new AuditError(
      'STORE_IO',
      `${this.#files.directory} could not be pruned to the end (${error.message}): make room or repair the disk, then prune again`,
      { cause: error },
    );
  }
}
