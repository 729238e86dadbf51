// Pruning an open log: the store says what would go, the log records it, and only then it goes.
import { AuditError } from '../errors.ts';
import { hashToBase64 } from '../note/base64.ts';
import type { AuditStore, PrunePlan, StoredSegment } from '../store/store.ts';
import { logClosed } from './failures.ts';
import type { Life } from './life.ts';
import type { Recorder } from './recorder.ts';
import type { PruneReport, PruneRequest } from './types.ts';

/** Bytes of `policy` in a prune, as JSON: with the rest of `log.prune` it must fit an entry, uncut. */
export const MAX_PRUNE_POLICY = 32 * 1024;

export class Pruning {
  readonly #store: AuditStore;
  readonly #life: Life;
  readonly #recorder: Recorder;
  readonly #ended = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(store: AuditStore, life: Life, recorder: Recorder) {
    this.#store = store;
    this.#life = life;
    this.#recorder = recorder;
  }

  async segments(): Promise<readonly StoredSegment[]> {
    const { segments } = this.#store;
    if (segments === undefined) throw unsupported('has no segments');
    return segments.call(this.#store);
  }

  prune(request: PruneRequest): Promise<PruneReport> {
    checkRequest(request);
    const pruned = this.#prune(request);
    this.#running = Promise.allSettled([this.#running, pruned]);
    return pruned;
  }

  /** `log.close` is the last entry: what is recorded is finished before it, what is not yet is given up. */
  async end(): Promise<void> {
    this.#ended.abort(logClosed());
    await this.#running;
  }

  async #prune({ to, policy, dryRun = false }: PruneRequest): Promise<PruneReport> {
    const { prune } = this.#store;
    if (prune === undefined) throw unsupported('cannot be pruned');
    let seq: number | null = null;
    const { signal } = this.#ended;
    const commit = async (plan: PrunePlan) => {
      signal.throwIfAborted();
      const { from, root, kept } = plan;
      const data = { from, to: plan.to, root: hashToBase64(root), kept, policy };
      seq = (await this.#recorder.recordOwn(this.#life.prune(data))).seq;
    };
    const plan = await prune.call(this.#store, to, dryRun ? null : commit, signal);
    return {
      from: plan.from,
      to: plan.to,
      entries: plan.to - plan.from,
      bytes: plan.segments.reduce((sum, { bytes }) => sum + bytes, 0),
      segments: plan.segments,
      kept: plan.kept.count,
      seq,
    };
  }
}

function checkRequest({ to, policy }: PruneRequest): void {
  if (!Number.isSafeInteger(to) || to < 0) {
    throw new RangeError(`to must be a sequence number, the first entry that stays, got ${String(to)}`);
  }
  const text = typeof policy === 'object' && policy !== null ? JSON.stringify(policy) : undefined;
  if (text === undefined)
    throw new RangeError('policy must be an object that says why, such as { keep: "30d" }');
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PRUNE_POLICY) {
    throw new RangeError(`policy must have at most ${MAX_PRUNE_POLICY} bytes as JSON, got ${bytes}`);
  }
}

function unsupported(what: string): AuditError {
  return new AuditError(
    'NOT_SUPPORTED',
    `The store of this log ${what}: a log in a directory has segments, and can be pruned.`,
  );
}
