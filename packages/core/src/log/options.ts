// The options of openAuditLog and their defaults. Each default is an exported, documented constant.

import type { Signer } from '../note/signer.ts';
import type { PrivacyOptions } from '../privacy/options.ts';
import type { AuditStore } from '../store/store.ts';
import type { FailureRule } from './failure-rules.ts';
import type { OnFailure } from './on-failure.ts';

/** Events waiting to be committed, at most. */
export const DEFAULT_QUEUE_EVENTS = 65_536;
/** Bytes of events waiting to be committed, at most. */
export const DEFAULT_QUEUE_BYTES = 64 * 1024 * 1024;
/** Entries in one batch, at most. */
export const DEFAULT_BATCH_EVENTS = 4_096;
/** Bytes of entries in one batch, at most. */
export const DEFAULT_BATCH_BYTES = 4 * 1024 * 1024;
/** How long `record()` waits for room in the queue, and for a store that fails, in milliseconds. */
export const DEFAULT_QUEUE_TIMEOUT = 5_000;
/** How long `record()` waits for a signer that is down, in milliseconds. */
export const DEFAULT_SIGNER_TIMEOUT = 10_000;
/** How long opening waits for another process to let go of the log, in milliseconds. */
export const DEFAULT_LOCK_TIMEOUT = 10_000;
/** A segment is closed once it has this many bytes. */
export const DEFAULT_SEGMENT_BYTES = 256 * 1024 * 1024;
/** A segment is closed once it is this old, in milliseconds. */
export const DEFAULT_SEGMENT_AGE = 24 * 60 * 60 * 1000;
/** Events in the spool, at most. */
export const DEFAULT_SPOOL_EVENTS = 65_536;
/** `service` and `instance` are at most this long, in characters. */
export const MAX_WRITER_NAME = 256;
/** How many recent ids are remembered for idempotency. */
export const IDEMPOTENCY_WINDOW = 65_536;

/** The one clock of a log; tests give their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Milliseconds since any fixed moment, never set: tells a wall clock that was set from one that went on.
   * Absent: steps of `now()` are known only where they go back behind the last entry.
   */
  monotonic?(): number;
}

/** Options of `openAuditLog`. Everything but `origin` and a place for the entries has a production default. */
export interface AuditLogOptions {
  /** Where the entries live: a directory, created if missing. Or give `store`. */
  readonly directory?: string;
  /** A store opened by the caller (memory, PostgreSQL, …). Or give `directory`. */
  readonly store?: AuditStore;
  /**
   * Name of the log in every checkpoint: a schema-less URL without spaces or `+`, e.g. `shop.example/audit`.
   * May be left out on an existing log, which knows its own.
   */
  readonly origin?: string;
  /**
   * Name of the application that writes, and of this one of its instances (a host, a container): said by `log.create` and
   * `log.open`, so every entry has its writer in the last of them before it. At most `MAX_WRITER_NAME` characters.
   */
  readonly service?: string;
  readonly instance?: string;
  /**
   * Permissions of what is made in `directory`: `0o600` or `0o640` for files, `0o700` or `0o750` for folders, less the
   * umask. The private side stays its owner's. Default 0600 and 0700.
   */
  readonly fileMode?: number;
  readonly directoryMode?: number;
  /** Private side of a file store: key, high-water. Default: `<directory>.private`. */
  readonly stateDirectory?: string;
  /** PKCS#8 PEM of the signing key. Default: `AUDIT_KEY_FILE`, else `key.pem` in the private side, made once. */
  readonly keyFile?: string;
  /** Signs checkpoints instead of a key file: a KMS, Vault, an HSM, or HMAC. */
  readonly signer?: Signer;
  /** Key type generated for a new log. Default `ed25519`. */
  readonly keyType?: 'ed25519' | 'ecdsa-p256';
  readonly privacy?: PrivacyOptions;
  readonly queueEvents?: number;
  readonly queueBytes?: number;
  readonly queueTimeout?: number;
  readonly batchEvents?: number;
  readonly batchBytes?: number;
  readonly signerTimeout?: number;
  readonly lockTimeout?: number;
  readonly segmentBytes?: number;
  readonly segmentAge?: number;
  /**
   * Acknowledge durable but unsigned entries while the signer is down; the receipt says `unsigned`. Holds for the
   * batch the signer is being asked for: what comes behind it is not durable yet, and waits. Default false.
   */
  readonly allowUnsigned?: boolean;
  /**
   * What becomes of events that cannot be recorded: one for all, or rules, of which the first that matches decides, and
   * `DEFAULT_ON_FAILURE` where none does. What a call says itself wins. Default `DEFAULT_ON_FAILURE`.
   *
   * - `strict`: `record` rejects. For what is emitted nobody waits: it goes on as `best-effort`, and `error` is told
   * - `spool`: kept in a bounded file until the log takes it; `record` rejects `SPOOLED` once it is durable there
   * - `best-effort`: `record` rejects; what is emitted is lost, counted and told by `log.gap`
   */
  readonly onFailure?: OnFailure | readonly FailureRule[];
  /**
   * Folder of the spool, this log's alone; its parent must exist. Better on another volume than the log. Default: `spool` in
   * the private side; a log over a store of its own has none.
   */
  readonly spoolDirectory?: string;
  readonly spoolEvents?: number;
  /** Write a `log.heartbeat` after this many idle milliseconds; 0 never. Default 0. */
  readonly heartbeat?: number;
  readonly clock?: Clock;
  /** Several processes, one log. Only `false` for now. */
  readonly share?: false;
  /** Told once the verifier key of a log just created, to be pinned by verifiers. Default: one line on stderr. */
  readonly onKeyCreated?: (vkey: string) => void;
}
