// The public surface of @audit/core, name by name. What only siblings of the family need is in ./internal.ts.

export { AuditError, type AuditErrorCode, type AuditErrorOptions, StoreConflictError } from './errors.ts';
export { canonicalize } from './event/canonical.ts';
export { type HttpRequestData, httpRequest } from './event/catalogue/access.ts';
export { CATALOGUE, type CatalogueEntry } from './event/catalogue/catalogue.ts';
export { toJson } from './event/convert.ts';
export { parseEntry } from './event/entry.ts';
export {
  type Actor,
  type AuditEvent,
  CATEGORIES,
  type Category,
  type Cut,
  type Entry,
  type EventError,
  type JsonObject,
  type JsonValue,
  LEVELS,
  type Level,
  MAX_ENTRY_BYTES,
  OUTCOMES,
  type Outcome,
  type Resource,
  type Trace,
} from './event/model.ts';
export { type AuditContext, getAuditContext, withAuditContext } from './log/context.ts';
export { getAuditLog, setAuditLog } from './log/current.ts';
export { openAuditLog } from './log/open.ts';
export {
  type AuditLogOptions,
  type Clock,
  DEFAULT_BATCH_BYTES,
  DEFAULT_BATCH_EVENTS,
  DEFAULT_LOCK_TIMEOUT,
  DEFAULT_QUEUE_BYTES,
  DEFAULT_QUEUE_EVENTS,
  DEFAULT_QUEUE_TIMEOUT,
  DEFAULT_SEGMENT_AGE,
  DEFAULT_SEGMENT_BYTES,
  DEFAULT_SIGNER_TIMEOUT,
} from './log/options.ts';
export type {
  AuditLog,
  AuditLogEvents,
  CommittedEntry,
  EntryFilter,
  EventHandler,
  LogHealth,
  LogInfo,
  Next,
  Receipt,
  RecordOptions,
  VerifyLogOptions,
} from './log/types.ts';
export type { Hash } from './merkle/hasher.ts';
export {
  ecdsaP256Signer,
  ed25519Signer,
  generatePrivateKey,
  hmacSigner,
  type PrivateKey,
  signerFromPem,
} from './note/node-signers.ts';
export type { KeyType, Signer, VerifierKey } from './note/signer.ts';
export { isSecretName } from './privacy/names.ts';
export type { PrivacyOptions, RedactionWay } from './privacy/options.ts';
export { createMemoryStore, type MemoryStore } from './store/memory.ts';
export type {
  AuditStore,
  Batch,
  Seal,
  StoredEntry,
  StoreHead,
  StoreOpening,
} from './store/store.ts';
export {
  FINDING_VERDICTS,
  type Finding,
  type FindingCode,
  type ReportedCheckpoint,
  type ReportedKey,
  type Verdict,
  type VerifyReport,
} from './verify/report.ts';
