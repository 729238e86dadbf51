// The store interface: what the log asks of the place its entries live in. Types only.
import type { KeptCommitment } from '../event/kept.ts';
import type { Hash } from '../merkle/hasher.ts';

/** Where a log stands: everything the commit loop needs to go on. */
export interface StoreHead {
  /** Entries committed. */
  readonly size: number;
  /** Compact range of the tree of `size` leaves: roots of its perfect subtrees, largest first. */
  readonly frontier: readonly Hash[];
  /** Leaf hash of the last entry; `ZERO_HASH` where there is none. */
  readonly lastLeaf: Hash;
  /** Canonical bytes of the last entry as text; null where there is none. */
  readonly lastEntry: string | null;
  /** The newest note; null where nothing was committed yet. */
  readonly note: string | null;
}

/** What one append brings. All entries of a batch become durable under one note, or none is acknowledged. */
export interface Batch {
  /** Canonical JSON of each entry, without newline. */
  readonly entries: readonly string[];
  /** Leaf hash of each entry. */
  readonly leaves: readonly Hash[];
  /** Hashes the batch completes above the leaves: `nodes[L − 1]` are those of tile level L, in order. */
  readonly nodes: readonly (readonly Hash[])[];
  /** Root of the tree once the batch is in it. */
  readonly root: Hash;
  /** The first entry is `log.rotate`: the store begins a new segment with it. Only after `rotationDue()`. */
  readonly startsSegment?: boolean;
  /** The note of this batch must be found again by `notes()` (a key change ends here). */
  readonly keepNote?: boolean;
}

/**
 * Called by the store once the batch's entries are durable; signs and returns the note. It may take as long
 * as the signer is away. If it rejects, the batch is not committed.
 */
export type Seal = (size: number, root: Hash) => Promise<string>;

/** One stored entry: its sequence number and its canonical bytes as text. */
export interface StoredEntry {
  readonly seq: number;
  readonly text: string;
}

/** A run of entries that is stored, archived and pruned as one. */
export interface StoredSegment {
  /** Its file's name, or whatever a store calls it. */
  readonly name: string;
  /** Sequence number of its first entry. */
  readonly first: number;
  readonly entries: number;
  /** Bytes it takes, compressed where it is. */
  readonly bytes: number;
  /** Nothing is added to it any more. Only such segments can be archived and pruned. */
  readonly sealed: boolean;
}

/** What a prune takes away: entries `from` ≤ seq < `to`. */
export interface PrunePlan {
  readonly from: number;
  readonly to: number;
  /** What goes, in order. */
  readonly segments: readonly StoredSegment[];
  /** Root of the tree of the first `to` entries. */
  readonly root: Hash;
  /** What of everything before `to` stays, by what `log.prune` says of it. */
  readonly kept: KeptCommitment;
}

/** Commits the `log.prune` that says what `plan` does; resolves once it is durable and signed. */
export type CommitPrune = (plan: PrunePlan) => Promise<void>;

/**
 * A place for a log. Compare-and-append is its heart: one writer's batch goes in only if the log still has
 * the size that writer sequenced it for, so two writers can never fork the chain.
 */
export interface AuditStore {
  /** What stands committed. After a `StoreConflictError`: the new head. */
  head(): Promise<StoreHead>;

  /**
   * Appends a batch at `expectedSize`, calls `seal` once its entries are durable, and resolves with the note
   * once that is durable too. May be called again before it resolves (with the size the batch before it will
   * leave behind); calls resolve in order, and a failure fails all after it.
   *
   * @throws StoreConflictError another writer was first: reload `head()`, sequence again, append again
   * @throws AuditError `FENCED` this writer lost the log for good · `COMMIT_UNCERTAIN` the batch may still
   *   appear · `STORE_IO` the batch is not in the log; the store goes on from `head()` · `LOG_STOPPED`
   */
  append(expectedSize: number, batch: Batch, seal: Seal): Promise<string>;

  /** Entries `from` ≤ seq < `to`, in order, as far as they are committed; pruned ones are passed over. */
  entries(from: number, to: number): AsyncIterable<StoredEntry>;

  /**
   * Hashes `from` ≤ i < `to` of tile level `level`: level 0 are leaf hashes, level L the roots of perfect
   * subtrees of 256^L leaves (tlog-tiles). Covers committed entries only.
   */
  hashes(level: number, from: number, to: number): Promise<Hash[]>;

  /** Notes kept for bisecting, oldest first, the newest last. */
  notes(): AsyncIterable<string>;

  /** Releases everything. Entries appended and acknowledged stay; pending appends settle first. Idempotent. */
  close(): Promise<void>;

  /** True where the store wants its next batch to begin with `log.rotate`. Absent: never. */
  rotationDue?(): boolean;

  /** The segments in order. Absent: the store has none. */
  segments?(): Promise<readonly StoredSegment[]>;

  /**
   * Takes away the sealed segments that end at or before `to`: checks that the entries are those under the signed root
   * and that the tree proves them without the entries, calls `commit`, and once that resolves keeps what must stay and
   * removes the rest. Without `commit` nothing is changed. Appends go on meanwhile. Absent: the store cannot prune.
   *
   * @throws AuditError `LOG_TAMPERED` what would go is not what was signed; nothing was changed · `STORE_IO` after
   *   `commit`: what is left is done by the next prune, or by opening after a crash
   */
  prune?(to: number, commit: CommitPrune | null, signal?: AbortSignal): Promise<PrunePlan>;

  /** Where the entries are, for `info()` and messages: a directory, a database's name. Absent: in memory. */
  readonly location?: string;

  /** What opening found and did; the log records it. Absent: nothing to tell. */
  readonly opened?: StoreOpening;

  /** Why the store's promises are weaker than they should be, in words for `health()`. */
  warnings?(): readonly string[];
}

/** What opening a store found. */
export interface StoreOpening {
  /** The last entry committed before is `log.close`. */
  readonly closedCleanly: boolean;
  /** Data of the `log.recover` entry to be written, where there is something to tell. */
  readonly recovered?: Readonly<Record<string, unknown>>;
  /** Called once the `log.recover` entry is committed: what it names may be finished (quarantine). */
  recoveryRecorded?(): Promise<void>;
}
