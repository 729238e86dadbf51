// Public surface of `@audit/core/verify`: verification without I/O, for browsers and servers alike.
export { AuditError, type AuditErrorCode } from '../errors.ts';
export { type Hash, type Hasher, nobleHasher } from '../merkle/hasher.ts';
export type { Checkpoint } from '../note/checkpoint.ts';
export { type OpenedCheckpoint, type OpenedNote, openCheckpoint } from '../note/open.ts';
export { nobleSignatures, type SignaturePrimitives } from '../note/primitives.ts';
export type { KeyType, VerifierKey } from '../note/signer.ts';
export { parseProof, type TlogProof, type VerifiedProof, verifyProof } from '../note/tlog-proof.ts';
export { hmacVerifierKey, parseVerifierKey } from '../note/verifier-key.ts';
export { MAX_FINDINGS, type TrustedReceipt, type VerifyOptions, type VerifyProgress } from './options.ts';
export {
  FINDING_VERDICTS,
  type Finding,
  type FindingCode,
  type ReportedCheckpoint,
  type ReportedKey,
  type Verdict,
  type VerifyReport,
} from './report.ts';
export type { Observation, ScanPart, ScanRequest, ScanSegment } from './scan.ts';
export type { DamagedRange, FoundNote, LogSource, NotePlace, SegmentSource, TornPlace } from './source.ts';
export { verifyLog } from './verify-log.ts';
