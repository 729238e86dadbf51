// What verification reads a log through. Verification itself does no I/O: stores, browsers and tests implement this.

/** Where a note was found; `high-water` is outside the log's own directory. */
export type NotePlace = 'slot' | 'checkpoint' | 'checkpoints' | 'high-water';

export interface FoundNote {
  readonly place: NotePlace;
  /** Line or slot number, for messages. */
  readonly index: number;
  readonly text: string;
}

/** A commit slot whose checksum fails, or a last line that ends early: told, not trusted. */
export interface TornPlace {
  readonly place: NotePlace;
  readonly index: number;
}

/** A run of entries as stored: one file, active or sealed. */
export interface SegmentSource {
  /** Sequence number of its first entry, from its name. */
  readonly first: number;
  /** For messages: the file's name. */
  readonly name: string;
  /** Bytes on disk. */
  readonly bytes: number;
  /**
   * Its uncompressed bytes in order from entry `from` on, in chunks that may split lines. A damaged gzip member
   * yields `{ damaged }` in its place and reading goes on behind it. Without `from`: from its first entry.
   */
  read(from?: number): AsyncIterable<Uint8Array | DamagedRange>;
}

/** Entries `from` ≤ seq < `to` lie in a gzip member that cannot be read. */
export interface DamagedRange {
  readonly damaged: { readonly from: number; readonly to: number };
}

/** A log as verification sees it. Nothing here writes. */
export interface LogSource {
  /** For messages. */
  readonly location: string;
  notes(): AsyncIterable<FoundNote>;
  torn(): Promise<readonly TornPlace[]>;
  /** Places where a good note stands beside a wrong word on where its last entry ends. Absent: nothing says where. */
  misplaced?(): Promise<readonly TornPlace[]>;
  /** Segments in order of their first entry. Entries past the committed offset are part of them. */
  segments(): Promise<readonly SegmentSource[]>;
  /** 32-byte hashes `from` ≤ i < `to` of tile level `level`, concatenated; shorter where fewer are stored. */
  hashes(level: number, from: number, to: number): Promise<Uint8Array>;
  /** Lines of `kept.jsonl`: `log.*` entries of pruned segments. */
  kept(): AsyncIterable<string>;
  /** Verifier keys the log itself carries (`log.vkey`), for when none is pinned. */
  vkeys(): Promise<readonly string[]>;
}
