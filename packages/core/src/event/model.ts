// The event model: what a caller hands in, and what an entry holds. Types and their enums only; imports nothing.

/** Levels, in order of weight. Source: events.md. */
export const LEVELS = ['debug', 'info', 'warning', 'security', 'error', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

export const CATEGORIES = [
  'agent_lifecycle',
  'session_management',
  'authentication',
  'authorization',
  'cryptographic',
  'file_system',
  'communication',
  'system_health',
  'error_handling',
  'performance',
  'code_execution',
  'security_assessment',
  'container',
  'resource',
  'data_access',
  'configuration',
  'model',
  'audit',
] as const;
export type Category = (typeof CATEGORIES)[number];

export const OUTCOMES = ['success', 'failure', 'denied', 'aborted', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What an operation was attempted on. `type` and `id` are non-empty. */
export interface Resource {
  readonly type: string;
  readonly id: string;
  readonly name?: string | undefined;
}

/** Who attempted it. */
export interface Actor {
  readonly type: string;
  readonly id: string;
  readonly name?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly agentId?: string | undefined;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly onBehalfOf?: string | undefined;
}

/** Correlation; ids in W3C Trace Context's spelling (lower-case hex). */
export interface Trace {
  readonly requestId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly parentId?: string | undefined;
}

export interface EventError {
  readonly message: string;
  readonly name?: string | undefined;
  readonly code?: string | undefined;
}

/**
 * One thing that happened, as a caller hands it in. `type`, `operation`, `resource` and `outcome` are
 * required; `category` and `level` come from the catalogue where the type is known to it.
 */
export interface AuditEvent {
  /** Dotted lower-case name, e.g. `auth.attempt`. */
  readonly type: string;
  /** What was attempted; 1 to 1,024 bytes. */
  readonly operation: string;
  readonly resource: Resource;
  readonly outcome: Outcome;
  readonly category?: Category | undefined;
  readonly level?: Level | undefined;
  /** The caller's own idempotency key, at most 128 bytes; else a UUIDv7. Never from client input. */
  readonly id?: string | undefined;
  /** When it happened, where the caller knows better than the moment of recording. RFC 3339 or a Date. */
  readonly occurredAt?: string | Date | undefined;
  readonly error?: EventError | Error | undefined;
  readonly actor?: Actor | undefined;
  readonly trace?: Trace | undefined;
  /** The rest, by event type. Any value: what JSON cannot hold is converted, never refused. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** A value JSON can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** What a limit cut from an event: where, how many bytes it had, and their SHA-256. */
export interface Cut {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** One entry of the log as stored: formats.md, *Entry*. */
export interface Entry {
  readonly v: 1;
  /** Index of the leaf in the tree. */
  readonly seq: number;
  /** Leaf hash of entry `seq − 1`; 64 zeros for entry 0. */
  readonly prev: string;
  readonly id: string;
  /** When it was sequenced: RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly occurredAt?: string;
  readonly type: string;
  readonly category: Category;
  readonly level: Level;
  readonly operation: string;
  readonly resource: Resource;
  readonly outcome: Outcome;
  readonly error?: EventError;
  readonly actor?: Actor;
  readonly trace?: Trace;
  readonly data?: JsonObject;
  readonly redacted?: readonly string[];
  readonly cut?: readonly Cut[];
}

/** An entry is at most this many bytes, the limit of a tlog-tiles entry bundle. */
export const MAX_ENTRY_BYTES = 65_535;
/** Format version of the entries written. */
export const ENTRY_VERSION = 1;
