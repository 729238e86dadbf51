// The public surface of @audit/core, name by name. What only siblings of the family need is in ./internal.ts.

export { AuditError, type AuditErrorCode, type AuditErrorOptions, StoreConflictError } from './errors.ts';
export { canonicalize } from './event/canonical.ts';
export {
  type AuthAttemptData,
  type AuthzDeniedData,
  authAttempt,
  authLogout,
  authzDenied,
  type HttpRequestData,
  httpRequest,
  type KeyData,
  keyChange,
  keyUse,
  type SecurityEventData,
  type SecurityViolationData,
  type SessionData,
  securityEvent,
  securityViolation,
  sessionEnd,
  sessionStart,
} from './event/catalogue/access.ts';
export {
  type AgentData,
  type AssessmentFinding,
  agentCreate,
  agentError,
  agentStop,
  type CodeExecutionData,
  type ConversationSummaryData,
  codeExecution,
  conversationSummary,
  type ModelInferenceData,
  modelInference,
  type SecurityAssessmentData,
  type Severity,
  securityAssessment,
} from './event/catalogue/agents.ts';
export {
  CATALOGUE,
  type CatalogueEntry,
  type LevelInput,
  type LevelRule,
} from './event/catalogue/catalogue.ts';
export {
  type ContainerCreateData,
  type ContainerData,
  type ContainerExecData,
  type ContainerRef,
  type ContainerRisk,
  containerCreate,
  containerDestroy,
  containerDie,
  containerExec,
  containerHealth,
  containerKill,
  containerPause,
  containerRename,
  containerRestart,
  containerStart,
  containerStop,
  containerUnpause,
  containerUpdate,
  type ImageData,
  imageDelete,
  imageImport,
  imagePull,
  imageTag,
  type NetworkData,
  networkConnect,
  networkCreate,
  networkDestroy,
  networkDisconnect,
  type ResourceViolationData,
  resourceViolation,
  type VolumeData,
  volumeCreate,
  volumeDestroy,
  volumeMount,
} from './event/catalogue/containers.ts';
export {
  type Common,
  defineEvent,
  type EventConstructor,
  type EventDefaults,
  type EventDefinition,
  type EventInput,
} from './event/catalogue/define.ts';
export {
  type AlertData,
  alertDelivered,
  alertFailed,
  alertRaised,
  type ConfigChangeData,
  type DataAccessData,
  dataCreate,
  dataDelete,
  dataRead,
  dataUpdate,
  type FileAccessData,
  fileAccess,
  type PerformanceThresholdData,
  performanceThreshold,
  type SystemData,
  systemConfigChange,
  systemError,
  systemStart,
  systemStop,
} from './event/catalogue/systems.ts';
export { type ConvertOptions, toJson } from './event/convert.ts';
export { DETAILS, type Detail, type DetailRule } from './event/detail.ts';
export { parseEntry } from './event/entry.ts';
export type { KeptCommitment } from './event/kept.ts';
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
export { DEFAULT_ON_FAILURE, type FailureRule } from './log/failure-rules.ts';
export { type GapReport, MAX_REPORT_DATA, MAX_REPORT_MESSAGE } from './log/gap-report.ts';
export { ON_FAILURE, type OnFailure } from './log/on-failure.ts';
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
  DEFAULT_SPOOL_EVENTS,
  MAX_WRITER_NAME,
} from './log/options.ts';
export { MAX_PRUNE_POLICY } from './log/pruning.ts';
export type {
  AuditLog,
  AuditLogEvents,
  CommittedEntry,
  Diversion,
  DurationStats,
  EmitOptions,
  EntryFilter,
  EventHandler,
  LogHealth,
  LogInfo,
  LogStats,
  Next,
  PruneReport,
  PruneRequest,
  Receipt,
  RecordOptions,
  SpoolHealth,
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
export { hmacVerifierKey, parseVerifierKey, verifierKey } from './note/verifier-key.ts';
export { isSecretName, type NameTest } from './privacy/names.ts';
export type {
  KeyRule,
  PatternRule,
  PointerRule,
  PrivacyOptions,
  RedactionWay,
} from './privacy/options.ts';
export { archiveLog } from './store/file/archive.ts';
export {
  type ArchiveCompression,
  type ArchiveOptions,
  type ArchiveReport,
  DEFAULT_ARCHIVE_COMPRESSION,
} from './store/file/archive-options.ts';
export { backupLog } from './store/file/backup.ts';
export {
  type BackupOptions,
  type BackupReport,
  DEFAULT_BACKUPS_KEPT,
} from './store/file/backup-options.ts';
export { type VerifyDirectoryOptions, verifyDirectory } from './store/file/verify-directory.ts';
export { createMemoryStore, type MemoryStore } from './store/memory.ts';
export type {
  AuditStore,
  Batch,
  CommitPrune,
  PrunePlan,
  Seal,
  StoredEntry,
  StoredSegment,
  StoreHead,
  StoreOpening,
} from './store/store.ts';
export type { TrustedReceipt, VerifyProgress } from './verify/options.ts';
export {
  FINDING_VERDICTS,
  type Finding,
  type FindingCode,
  type ReportedCheckpoint,
  type ReportedKey,
  type Verdict,
  type VerifyReport,
} from './verify/report.ts';
