// What a caller may ask of verification. Types and their defaults only.
import type { Hash, Hasher } from '../merkle/hasher.ts';
import type { SignaturePrimitives } from '../note/primitives.ts';
import type { VerifierKey } from '../note/signer.ts';
import type { ScanSegment } from './scan.ts';

/** What a caller kept of `record()`: the entry stood at `seq` under this checkpoint. */
export interface TrustedReceipt {
  readonly seq: number;
  /** Leaf hash, 64 hex digits. */
  readonly hash: Hash;
  /** The note; null where the receipt was given before any. */
  readonly checkpoint: string | null;
}

export interface VerifyProgress {
  /** Entries read so far, of those under the newest checkpoint. */
  readonly entries: number;
  readonly totalEntries: number;
  /** Bytes on disk, of the segments that are read. */
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface VerifyOptions {
  /** Verifier keys obtained outside the log. Without any, the log's own are used, and the report says so. */
  readonly keys?: readonly VerifierKey[] | undefined;
  /** Without a key in `keys` the log cannot be checked. Default false. */
  readonly requirePinned?: boolean | undefined;
  /** Checkpoints (notes) and receipts trusted from before; the log must be consistent with each. */
  readonly since?: readonly (string | TrustedReceipt)[] | undefined;
  /** Read only entries from this one on, and the rest through `tree/0`. Default 0. */
  readonly from?: number | undefined;
  /** First entry no longer read. Default: all. */
  readonly to?: number | undefined;
  /** Hash entries without parsing them: form, chain and times go unchecked unless the root does not match. */
  readonly hashesOnly?: boolean | undefined;
  /** Default: the portable one. */
  readonly hasher?: Hasher | undefined;
  /** Signature checks for keys found in the log. Default: the portable ones. */
  readonly primitives?: SignaturePrimitives | undefined;
  /** Reads and hashes a segment; a driver puts worker threads here. Default: in this thread. */
  readonly scan?: ScanSegment | undefined;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Findings listed in a report; what is past them is counted in its last one. */
export const MAX_FINDINGS = 1_000;
