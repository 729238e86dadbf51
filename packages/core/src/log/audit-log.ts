// The open log: the public interface over recorder and store. Translates, and decides nothing of its own.
import { AuditError } from '../errors.ts';
import type { AuditEvent, Entry } from '../event/model.ts';
import type { Preparer } from '../event/prepare.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import { nodeHasher } from '../merkle/node-hasher.ts';
import { inclusionProof } from '../merkle/proof.ts';
import { hashToBase64 } from '../note/base64.ts';
import type { Signer } from '../note/signer.ts';
import { formatProof } from '../note/tlog-proof.ts';
import type { AuditStore, StoredSegment } from '../store/store.ts';
import type { VerifyReport } from '../verify/report.ts';
import { getAuditContext } from './context.ts';
import type { FailureChoice } from './failure-choice.ts';
import { dropped, logClosed, turnedAway } from './failures.ts';
import { compileFilter } from './filter.ts';
import type { GapReport, PreparedReport } from './gap-report.ts';
import { DROPPED, HandlerChain } from './handlers.ts';
import type { Life } from './life.ts';
import { Pruning } from './pruning.ts';
import type { Recorder } from './recorder.ts';
import type { Subscribers } from './subscribers.ts';
import { TimeRuns } from './time-runs.ts';
import type {
  AuditLog,
  AuditLogEvents,
  Diversion,
  EmitOptions,
  EntryFilter,
  EventHandler,
  LogHealth,
  LogInfo,
  LogStats,
  PruneReport,
  PruneRequest,
  Receipt,
  RecordOptions,
  VerifyLogOptions,
} from './types.ts';

export interface AuditLogParts {
  readonly origin: string;
  readonly location: string;
  readonly store: AuditStore;
  readonly signer: Signer;
  readonly life: Life;
  readonly prepare: Preparer;
  readonly prepareReport: (gap: GapReport) => PreparedReport;
  readonly newId: () => string;
  readonly recorder: Recorder;
  readonly failures: FailureChoice;
  readonly subscribers: Subscribers;
  /** What is to be told as long as the log is open, besides what the store has to tell. */
  readonly warnings: readonly string[];
  readonly verify: (options: VerifyLogOptions) => Promise<VerifyReport>;
}

export class OpenAuditLog implements AuditLog {
  readonly origin: string;
  readonly #parts: AuditLogParts;
  readonly #recorder: Recorder;
  readonly #handlers: HandlerChain;
  readonly #failures: FailureChoice;
  readonly #times: TimeRuns;
  readonly #pruning: Pruning;
  #closing: Promise<void> | null = null;
  #closed = false;

  constructor(parts: AuditLogParts) {
    this.origin = parts.origin;
    this.#parts = parts;
    this.#recorder = parts.recorder;
    this.#failures = parts.failures;
    this.#times = new TimeRuns(parts.store);
    this.#pruning = new Pruning(parts.store, parts.life, parts.recorder);
    this.#handlers = new HandlerChain((cause) =>
      parts.subscribers.tell(
        'error',
        new Error('A handler added with use() threw; the event goes on.', { cause }),
      ),
    );
  }

  record(event: AuditEvent, options?: RecordOptions): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal(event);
      if (refusal !== null) throw refusal;
      // Before anything asynchronous: what the caller changes in the event afterwards has no effect.
      const prepared = this.#prepare(event);
      if (prepared === null) {
        this.#recorder.dropped(event?.type);
        throw dropped(this.#idOf(event));
      }
      this.#failures.choose(prepared, options?.onFailure, true);
      const knownSize = options?.knownSize;
      if (knownSize !== undefined && !(Number.isSafeInteger(knownSize) && knownSize >= 0)) {
        throw new RangeError(`knownSize must be a size of the log, got ${String(knownSize)}`);
      }
      const waiter = { id: prepared.id, at: performance.now(), resolve, reject };
      this.#recorder.accept(prepared, waiter, knownSize);
    });
  }

  emit(event: AuditEvent, options?: EmitOptions): string {
    try {
      const refusal = this.#refusal(event);
      if (refusal === null) {
        const prepared = this.#prepare(event);
        if (prepared !== null) {
          this.#failures.choose(prepared, options?.onFailure, false);
          this.#recorder.accept(prepared, null);
          return prepared.id;
        }
        this.#recorder.dropped(event?.type);
      } else {
        this.#recorder.lost(this.#closing !== null ? 'closed' : 'stopped', refusal);
      }
    } catch (error) {
      this.#recorder.lost('invalid', error as AuditError);
    }
    return this.#idOf(event);
  }

  reportGap(gap: GapReport): void {
    this.#recorder.reportGap(this.#parts.prepareReport(gap));
  }

  divert(to: Diversion | null, reason?: string): void {
    this.#recorder.divert(to, reason);
  }

  async *entries(filter: EntryFilter = {}): AsyncIterable<Entry> {
    const { from, to, since, until, match } = compileFilter(filter);
    const within = { from, to: Math.min(to, this.#recorder.head.size) };
    const timed = since !== null || until !== null;
    for await (const range of timed ? this.#times.find(within, since, until) : [within]) {
      for await (const { text } of this.#parts.store.entries(range.from, range.to)) {
        const entry = match(text);
        if (entry !== null) yield entry;
      }
    }
  }

  async prove(seq: number): Promise<string> {
    if (!Number.isSafeInteger(seq) || seq < 0) throw new RangeError(`seq must be a whole number, got ${seq}`);
    const { size, note } = this.#recorder.head;
    if (note === null || seq >= size) {
      throw new AuditError(
        'NOT_FOUND',
        `There is no entry ${seq}: the newest checkpoint covers ${size} entries.`,
      );
    }
    const { store } = this.#parts;
    const hashes = await inclusionProof(nodeHasher, seq, size, (level, from, to) =>
      store.hashes(level, from, to),
    );
    return formatProof({ index: seq, hashes, checkpointNote: note });
  }

  async verify(options: VerifyLogOptions = {}): Promise<VerifyReport> {
    const { record = false, ...request } = options;
    const report = await this.#parts.verify(request);
    if (record) await this.#recordVerdict(report, request);
    return report;
  }

  async segments(): Promise<readonly StoredSegment[]> {
    return this.#pruning.segments();
  }

  async prune(request: PruneRequest): Promise<PruneReport> {
    if (this.#closing !== null) throw logClosed();
    if (this.#recorder.stopped !== null) throw this.#recorder.stopped;
    return this.#pruning.prune(request);
  }

  async rotateIfDue(): Promise<boolean> {
    if (this.#closing !== null) throw logClosed();
    return this.#recorder.rotateIfDue();
  }

  info(): LogInfo {
    const { size, root, note } = this.#recorder.head;
    const { origin, signer, location } = this.#parts;
    return { origin, size, root: hashToBase64(root), checkpoint: note, vkey: signer.key.vkey, location };
  }

  health(): LogHealth {
    const { queue, loss, conditions, head, stopped, spooling, diverted } = this.#recorder;
    const { store, warnings } = this.#parts;
    const reasons = [...conditions.reasons, ...warnings, ...(store.warnings?.() ?? [])];
    const degraded = reasons.length > 0 ? 'degraded' : 'ok';
    return {
      status: this.#closed ? 'closed' : stopped !== null ? 'stopped' : degraded,
      reasons,
      queued: { events: queue.events, bytes: queue.bytes },
      lost: loss.total,
      spooled: spooling?.health ?? { events: 0, bytes: 0, reason: null },
      diverted,
      unawaited: this.#failures.unawaited,
      checkpointAgeMs: head.at === null ? null : performance.now() - head.at,
    };
  }

  stats(): LogStats {
    const { queued, lost, checkpointAgeMs } = this.health();
    return { ...this.#recorder.stats.stats, queued, lost, checkpointAgeMs };
  }

  async flush(): Promise<void> {
    if (this.#closing !== null) return this.#closing;
    if (this.#recorder.stopped === null) return this.#recorder.flush();
    await this.#recorder.spooling?.settled();
    throw this.#recorder.stopped;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  on<K extends keyof AuditLogEvents>(name: K, listener: (event: AuditLogEvents[K]) => void): () => void {
    return this.#parts.subscribers.add(name, listener);
  }

  use(handler: EventHandler): this {
    this.#handlers.add(handler);
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { store, life } = this.#parts;
    try {
      await this.#pruning.end();
      // A log that has stopped has nothing left to say; what was pending has been turned away.
      if (this.#recorder.stopped === null) await this.#recorder.finish(() => life.close());
    } catch (error) {
      this.#recorder.stop(error instanceof AuditError ? error : logClosed());
      throw error;
    } finally {
      this.#closed = true;
      await this.#recorder.spooling?.close();
      await store.close();
    }
  }

  async #recordVerdict(report: VerifyReport, { from, to }: VerifyLogOptions): Promise<void> {
    const { life, subscribers } = this.#parts;
    try {
      if (this.#closing !== null) throw logClosed();
      await this.#recorder.recordOwn(life.verify(report, { from, to }));
    } catch (cause) {
      const message = `The verdict of a verification (${report.verdict}) could not be written into the log.`;
      subscribers.tell('error', new Error(message, { cause }));
    }
  }

  #refusal(event: AuditEvent): AuditError | null {
    if (this.#closing !== null) return logClosed(this.#idOf(event));
    const { stopped, spooling } = this.#recorder;
    // With a spool it depends on the event.
    return stopped === null || spooling !== null ? null : turnedAway(this.#idOf(event), stopped);
  }

  #prepare(event: AuditEvent): PreparedEvent | null {
    try {
      const passed = this.#handlers.run(event);
      return passed === DROPPED ? null : this.#parts.prepare(passed, getAuditContext());
    } catch (error) {
      throw asInvalid(error);
    }
  }

  /** The id to name an event by that was not prepared; never throws. */
  #idOf(event: AuditEvent): string {
    try {
      const id: unknown = event?.id;
      if (typeof id === 'string' && id !== '') return id;
    } catch {
      // A getter of the caller's.
    }
    return this.#parts.newId();
  }
}

function asInvalid(error: unknown): AuditError {
  if (error instanceof AuditError) return error;
  return new AuditError('EVENT_INVALID', 'An event could not be prepared.', { cause: error });
}
