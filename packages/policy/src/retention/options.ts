// What retention is told: how long entries stay, what they never go below, what holds them, and who must agree.
import type { ArchiveCompression, Category, Level } from '@audit/core';

/** How long an entry stays where no rule matches it, in milliseconds: 30 days. */
export const DEFAULT_KEEP = 30 * 24 * 60 * 60 * 1000;
/** How many of the approvers must sign a request, where there are any. */
export const DEFAULT_APPROVALS = 2;
/** How old a request may be when it is carried out, in milliseconds: 7 days. */
export const APPROVAL_AGE = 7 * 24 * 60 * 60 * 1000;

/** While something of a segment is held, it and everything after it stays. */
export interface LegalHold {
  readonly id: string;
  /** Why, for whoever asks. */
  readonly reason: string;
  /** Only entries from this time on, and before that one: RFC 3339. Absent: any. */
  readonly since?: string;
  readonly until?: string;
  /** Exact type, or a prefix ending in `*`. Absent: any. */
  readonly type?: string;
}

/**
 * Times in milliseconds; `Infinity` is for ever. Where several rules match an entry the longest counts; where none does,
 * `keep`. Segments go as a whole: one goes when its longest-lived entry has expired, and only with all before it.
 */
export interface RetentionOptions {
  /** Default 30 days. */
  readonly keep?: number;
  /** By type; a key may be a prefix ending in `*`. */
  readonly types?: Readonly<Record<string, number>>;
  readonly categories?: Readonly<Partial<Record<Category, number>>>;
  /** By level: this one and above. */
  readonly levels?: Readonly<Partial<Record<Level, number>>>;
  /** Whatever rules and limits say, nothing goes before this age. Default 0. */
  readonly floor?: number;
  /** The same by type. */
  readonly floorTypes?: Readonly<Record<string, number>>;
  readonly holds?: readonly LegalHold[];
  /** Segments on disk at most, the active one included: beyond, the oldest go before they expire. Default: no limit. */
  readonly maxFiles?: number;
  /** Bytes of them. Default: no limit. */
  readonly maxBytes?: number;
  /** Directory that sealed segments are archived in before anything goes. Default: none. */
  readonly archive?: string;
  /** Default `gzip`. */
  readonly archiveCompression?: ArchiveCompression;
  /** Nothing goes that is not in the archive. Default false. */
  readonly requireArchive?: boolean;
  /** Verifier keys of those who may approve. With any, nothing goes unless so many of them signed the request. */
  readonly approvers?: readonly string[];
  /** Default 2. */
  readonly approvals?: number;
  /** Directory that signed requests are looked for in, `*.note`. Default: none. */
  readonly approvalDirectory?: string;
}

/** @throws RangeError naming what contradicts what */
export function checkRetention({
  requireArchive,
  archive,
  approvers = [],
  approvals,
}: RetentionOptions): void {
  if (requireArchive && archive === undefined)
    throw new RangeError('requireArchive needs archive, a directory');
  if (approvers.length === 0) return;
  const needed = approvals ?? DEFAULT_APPROVALS;
  if (!Number.isSafeInteger(needed) || needed < 1 || needed > new Set(approvers).size) {
    throw new RangeError(`approvals must be from 1 to the number of approvers, got ${needed}`);
  }
}
