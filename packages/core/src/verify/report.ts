// What verification says. Types and the one table from finding to verdict; imports nothing.

export type Verdict = 'intact' | 'tampered' | 'unverifiable';

/** Every finding and the verdict it forces. `intact` findings are told, not held against the log. */
export const FINDING_VERDICTS = {
  'entry-modified': 'tampered',
  'entry-missing': 'tampered',
  'entry-inserted': 'tampered',
  'entry-reordered': 'tampered',
  'entry-malformed': 'tampered',
  'root-mismatch': 'tampered',
  truncated: 'tampered',
  'rolled-back': 'tampered',
  forked: 'tampered',
  'signature-invalid': 'tampered',
  'time-backwards': 'tampered',
  'segment-unreadable': 'tampered',
  'key-unknown': 'unverifiable',
  'version-unknown': 'unverifiable',
  'checkpoint-missing': 'unverifiable',
  'tree-mismatch': 'intact',
  'slot-torn': 'intact',
  'unsigned-tail': 'intact',
  pruned: 'intact',
  recovered: 'intact',
  gap: 'intact',
  clock: 'intact',
} as const satisfies Record<string, Verdict>;

export type FindingCode = keyof typeof FINDING_VERDICTS;

export interface Finding {
  readonly code: FindingCode;
  /** The entry, a half-open range of entries, or null where no place can be said. */
  readonly seq: number | { readonly from: number; readonly to: number } | null;
  /** Id of the entry, where it can be read. */
  readonly id?: string;
  /** What was found and how far it can be said, in one sentence. */
  readonly message: string;
  /** Overrides the table where the same finding weighs more (tree-mismatch below the minimum index, slot-torn by hand). */
  readonly verdict?: Verdict;
}

export interface ReportedKey {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Given by the caller, or certified by a key that was; else taken from the log itself. */
  readonly pinned: boolean;
}

export interface ReportedCheckpoint {
  readonly origin: string;
  readonly size: number;
  /** Base64, as the note spells it. */
  readonly root: string;
  readonly note: string;
}

/** The whole answer; `audit verify --json` prints exactly this. */
export interface VerifyReport {
  readonly verdict: Verdict;
  /** Entries under the newest valid checkpoint. */
  readonly size: number;
  /** Entries whose bytes were read and checked; 0 is never a pass unless the log is empty. */
  readonly entriesChecked: number;
  readonly firstBadSeq: number | null;
  readonly findings: readonly Finding[];
  readonly keys: readonly ReportedKey[];
  readonly checkpoint: ReportedCheckpoint | null;
}
