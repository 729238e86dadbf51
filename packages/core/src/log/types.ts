// The public face of a log: what adapters, applications and tests are written against. Types only.
import type { AuditEvent, Category, Entry, JsonObject, Level } from '../event/model.ts';
import type { StoredSegment } from '../store/store.ts';
import type { VerifyReport } from '../verify/report.ts';
import type { GapReport } from './gap-report.ts';
import type { OnFailure } from './on-failure.ts';

/** What `record()` resolves with: the event is durable, in the chain, in the tree and under a stored signature. */
export interface Receipt {
  /** Index of the entry in the log. */
  readonly seq: number;
  readonly id: string;
  /** Leaf hash, 64 hex digits. */
  readonly hash: string;
  /** The signed note that covers the entry; null only for `unsigned` receipts. */
  readonly checkpoint: string | null;
  /** Present and true only where `allowUnsigned` is set and the signer was down. */
  readonly unsigned?: true;
}

export interface RecordOptions {
  /** The log size known when the event was first sent, so that a re-send is looked up from there. */
  readonly knownSize?: number;
  /** What becomes of the event where it cannot be recorded. Default: what the rules of the log say. */
  readonly onFailure?: OnFailure;
}

export interface EmitOptions {
  /** What becomes of the event where it cannot be recorded. Default: what the rules of the log say. */
  readonly onFailure?: OnFailure;
}

/** Where events go instead of into the log: see `AuditLog.divert`. */
export type Diversion = 'spool' | 'refuse';

/** Filters of `entries()`; all given ones must hold. */
export interface EntryFilter {
  /** First sequence number, inclusive. */
  readonly from?: number;
  /** First sequence number no longer wanted. */
  readonly to?: number;
  /** Earliest `time`, inclusive: RFC 3339 or a Date. */
  readonly since?: string | Date;
  /** First `time` no longer wanted. */
  readonly until?: string | Date;
  /** Exact type, or a prefix ending in `*` (`auth.*`); several mean any of them. */
  readonly type?: string | readonly string[];
  /** This level **or above**. */
  readonly level?: Level;
  readonly category?: Category | readonly Category[];
}

export interface LogInfo {
  readonly origin: string;
  /** Entries committed. */
  readonly size: number;
  /** Root of the tree of that size, base64 as in a checkpoint. */
  readonly root: string;
  /** Newest note; null before the first commit. */
  readonly checkpoint: string | null;
  /** Verifier key in use. */
  readonly vkey: string;
  /** Where the entries are, for a file store: the directory. */
  readonly location: string;
}

export interface LogHealth {
  /** `stopped` is final: open the log again. */
  readonly status: 'ok' | 'degraded' | 'stopped' | 'closed';
  /** Why it is not `ok`, and warnings; each a sentence that says what to do. */
  readonly reasons: readonly string[];
  readonly queued: { readonly events: number; readonly bytes: number };
  /** Events not recorded since the log was opened, by reason. */
  readonly lost: Readonly<Record<string, number>>;
  /** What waits in the spool for the log to take it. */
  readonly spooled: SpoolHealth;
  /** Events that were emitted although a rule says `strict`: nobody waited for them. */
  readonly unawaited: number;
  /** Where events go instead of into the log, and why; null where they go into the log. */
  readonly diverted: { readonly to: Diversion; readonly reason: string } | null;
  /** Milliseconds since the newest checkpoint was made; null before the first. */
  readonly checkpointAgeMs: number | null;
}

/** How often something was done, and how long that took. */
export interface DurationStats {
  readonly count: number;
  /** Milliseconds in all. */
  readonly sumMs: number;
  /** How many took at most so many milliseconds: cumulative, in the order of the bounds; `count` stands for the rest. */
  readonly buckets: readonly { readonly upToMs: number; readonly count: number }[];
}

/** What a log has done since it was opened, and where it stands: for metrics. Counters only grow. */
export interface LogStats {
  /** Entries committed, the log's own among them. */
  readonly entries: number;
  /** Bytes of these entries as they are written, one a line; before segments are compressed. */
  readonly bytes: number;
  /** Batches committed: each is two syncs and one signature of a file store. */
  readonly batches: number;
  /** Calls of fdatasync of a file store, failed ones included; over any other store none. */
  readonly sync: DurationStats;
  /** Signatures the signer made. */
  readonly signing: DurationStats;
  /** Events accepted but not committed, and their bytes. */
  readonly queued: LogHealth['queued'];
  /** Events not recorded, by reason. */
  readonly lost: LogHealth['lost'];
  /** Milliseconds since the newest checkpoint was made; null before the first. */
  readonly checkpointAgeMs: number | null;
}

export interface SpoolHealth {
  readonly events: number;
  readonly bytes: number;
  /** Why they wait; null where none does. */
  readonly reason: string | null;
}

export interface PruneRequest {
  /** The first entry that stays; rounded down to where a segment begins, so that only whole, sealed segments go. */
  readonly to: number;
  /** Why: what `log.prune` carries for whoever reads the log later. At most `MAX_PRUNE_POLICY` bytes as JSON. */
  readonly policy: JsonObject;
  /** Check everything and change nothing. Default false. */
  readonly dryRun?: boolean;
}

/** What a prune took away, or would: entries `from` ≤ seq < `to`. */
export interface PruneReport {
  readonly from: number;
  readonly to: number;
  readonly entries: number;
  /** Bytes on disk that become free. */
  readonly bytes: number;
  readonly segments: readonly StoredSegment[];
  /** Entries kept of all that was ever pruned, the log's own history; 0 where nothing goes. */
  readonly kept: number;
  /** Where `log.prune` stands; null where nothing was pruned. */
  readonly seq: number | null;
}

export interface VerifyLogOptions {
  /** Only entries from this sequence number on. */
  readonly from?: number;
  readonly to?: number;
  /** Verifier keys to trust; default: the log's own signer. */
  readonly keys?: readonly string[];
  /** Notes or receipts trusted from before. */
  readonly since?: readonly string[];
  readonly hashesOnly?: boolean;
  readonly signal?: AbortSignal;
  /**
   * Write the verdict into the log as `log.verify`; resolves once that is durable. Where it cannot be written, `error` is
   * told, and the report still comes. Default false.
   */
  readonly record?: boolean;
}

/** An entry as it was committed, with its leaf hash. */
export interface CommittedEntry {
  readonly seq: number;
  readonly hash: string;
  readonly entry: Entry;
}

export interface AuditLogEvents {
  /** A note is durable. */
  checkpoint: { readonly size: number; readonly note: string };
  /** An entry is durable and signed. */
  entry: CommittedEntry;
  /** Something was lost or is at risk; `reason` is a sentence. */
  degraded: { readonly reason: string };
  error: Error;
}

/**
 * Given to each handler of `use()`; hand on a changed copy by calling `next(changed)`. Counts while the handler
 * runs: an event is recorded as it was at the call, so a later call does nothing.
 */
export type Next = (event: AuditEvent) => void;
/**
 * One link of the chain of responsibility, called in the order of `use()`. Calling `next` passes the event on
 * (changed or not, once); not calling it drops the event, which is counted under `dropped`. A handler that throws
 * is reported to `error`, and the event goes on.
 */
export type EventHandler = (event: AuditEvent, next: Next) => void;

/** An open audit log. */
export interface AuditLog {
  readonly origin: string;
  /**
   * Records one event; resolves once it is safe (see `Receipt`).
   * @throws AuditError `EVENT_INVALID`, `QUEUE_FULL`, `SIGNER_DOWN`, `COMMIT_UNCERTAIN`, `ID_CONFLICT`,
   *   `LOG_CLOSED`, `LOG_STOPPED`, `DROPPED`, `SPOOLED`, `LOG_REFUSING`: each with the event's `id` to retry with
   */
  record(event: AuditEvent, options?: RecordOptions): Promise<Receipt>;
  /**
   * Fire and forget: returns the id at once, never throws; what is lost is counted and becomes `log.gap`. Under load,
   * events nobody waits for share a batch every 50 ms; a `record` or `flush` takes them along at once.
   */
  emit(event: AuditEvent, options?: EmitOptions): string;
  /**
   * For adapters: something could not be recorded, or not as it should have been (a stream that broke, a response
   * that was withheld). Counted in `health().lost`, and written as `log.gap` with what is known of it, as soon as the
   * log can.
   * @throws TypeError, RangeError naming what of the report is wrong
   */
  reportGap(gap: GapReport): void;
  /**
   * For whoever guards the place the log is in, such as a disk that is filling up: from now on no event of the
   * application enters the log, whatever the rules say. `spool`: all go to the spool, and `record` rejects `SPOOLED`.
   * `refuse`: `record` rejects `LOG_REFUSING`, what is emitted is lost and counted as `refused`. What was accepted before,
   * and the log's own entries, still pass. The newest call counts; null ends it, and what waits in the spool follows.
   * @param reason why, as `health` and errors will say it: a few words such as `the disk is 95 % full`
   * @throws AuditError `OPTIONS_INVALID` where the log has no spool
   * @throws TypeError naming what is wrong with the arguments
   */
  divert(to: Diversion, reason: string): void;
  divert(to: null): void;
  /** Committed entries in order. */
  entries(filter?: EntryFilter): AsyncIterable<Entry>;
  /** A `.tlog-proof` that entry `seq` is under the newest checkpoint. */
  prove(seq: number): Promise<string>;
  verify(options?: VerifyLogOptions): Promise<VerifyReport>;
  /**
   * The segments the entries lie in, oldest first.
   * @throws AuditError `NOT_SUPPORTED` the log's store has none
   */
  segments(): Promise<readonly StoredSegment[]>;
  /**
   * Takes away the oldest entries, provably: `log.prune` says which, and the tree goes on proving that they were there.
   * Recording goes on meanwhile; `close()` waits until it is done, or gives it up before it is recorded.
   * @throws RangeError `to`, `policy`
   * @throws AuditError `NOT_SUPPORTED` · `LOG_TAMPERED` what would go is not what was signed · `STORE_IO` ·
   *   `LOG_CLOSED` · `SIGNER_DOWN`, `COMMIT_UNCERTAIN` `log.prune` may still appear: prune again
   */
  prune(request: PruneRequest): Promise<PruneReport>;
  /**
   * Begins a new segment where the present one has its size or age, which is else looked at when the next event comes. True
   * where it did: with `log.rotate` and a `log.heartbeat`.
   */
  rotateIfDue(): Promise<boolean>;
  info(): LogInfo;
  health(): LogHealth;
  /** Counters of this run, cheap enough to be asked for at any time. */
  stats(): LogStats;
  /** Resolves when everything handed in before is durable and signed. */
  flush(): Promise<void>;
  /** Flushes, writes `log.close`, releases the store. Idempotent. */
  close(): Promise<void>;
  /** Subscribes; returns the function that unsubscribes. A listener that throws harms nobody. */
  on<K extends keyof AuditLogEvents>(name: K, listener: (event: AuditLogEvents[K]) => void): () => void;
  /** Adds a handler to the chain every event passes before it is sequenced. */
  use(handler: EventHandler): this;
  [Symbol.asyncDispose](): Promise<void>;
}
