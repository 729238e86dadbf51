// What a handler holds as `req.audit`: records domain events under the request's trace and actor.
import type { Actor, AuditEvent, AuditLog, Receipt, RecordOptions, Trace } from '@audit/core';

/** Records events as part of a request. Also works where AsyncLocalStorage has lost the context. */
export interface RequestAudit {
  /** Who is asking, as far as known now. Set it once it is known; it wins over the `actor` option. */
  get actor(): Actor;
  set actor(actor: Actor | undefined);
  /** The request's id, and the client's trace where it sent one. */
  readonly trace: Trace;
  /** The log the request is recorded in. @throws AuditError `LOG_UNSET` */
  readonly log: AuditLog;
  /** As `AuditLog.record`; an actor or trace the event brings itself wins. Rejects like it, `LOG_UNSET` included. */
  record(event: AuditEvent, options?: RecordOptions): Promise<Receipt>;
  /** As `AuditLog.emit`: never throws; returns the id, `''` where no log is set. */
  emit(event: AuditEvent): string;
}
