// What `@Audit()` takes, and what its functions are given. Types only.
import type { Category, Level, Outcome, Resource } from '@audit/core';
import type { ExecutionContext } from '@nestjs/common';

/** Where a handler was called from. */
export type AuditCallKind = 'http' | 'graphql' | 'rpc' | 'ws';

/** What becomes of a call whose event cannot be recorded. */
export type AuditOnFailure = 'strict' | 'best-effort';

/** One call of a handler, when it is over. */
export interface AuditCall<Result = unknown> {
  readonly kind: AuditCallKind;
  readonly context: ExecutionContext;
  /** Route parameters of a request, arguments of a resolver; empty for a message. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Body of a request, payload of a message, as it was before the handler's pipes. */
  readonly body: unknown;
  /** What the handler returned; of an observable, the last value. Undefined where it did not succeed. */
  readonly result: Result | undefined;
  /** What was thrown, before any filter. */
  readonly error: unknown;
  readonly outcome: Outcome;
}

/** A resource whose id is read from the call: a route parameter or an argument, else a field of the body or payload. */
export interface AuditParamResource {
  readonly type: string;
  readonly param: string;
}

/** The event that a handler's every call becomes. On a controller: defaults for its handlers, field by field. */
export interface AuditHandlerOptions<Result = unknown> {
  /** Default `handler.call`. */
  readonly type?: string;
  /** Default: the catalogue's for the type, else `data_access`. */
  readonly category?: Category;
  /** Default: the catalogue's for the type, else `info`. */
  readonly level?: Level;
  /** Default `Class.method`. */
  readonly operation?: string | ((call: AuditCall<Result>) => string);
  /** Default: the handler itself. */
  readonly resource?: Resource | AuditParamResource | ((call: AuditCall<Result>) => Resource);
  /** Goes into `data`. What arguments and result hold is recorded only if this says so. */
  readonly data?: (call: AuditCall<Result>) => Readonly<Record<string, unknown>> | undefined;
  /** Name of the log to record in. Default: the unnamed one. */
  readonly log?: string;
  /**
   * `strict`: what the handler returns or throws is handed on once the event is durable and signed. Where it cannot
   * be, the caller gets an error instead, which says that it may have happened: 503 over HTTP. Default
   * `DEFAULT_ON_FAILURE`.
   */
  readonly onFailure?: AuditOnFailure;
}
