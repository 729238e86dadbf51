// What a handler holds as `req.audit`: records domain events under the request's trace and actor.
import type { IncomingMessage } from 'node:http';
import type { Actor, AuditEvent, AuditLog, Receipt, RecordOptions, Trace } from '@audit/core';
import { type Caller, completeActor } from './actor.ts';
import type { HttpRecorder } from './recorder.ts';

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

export function createRequestAudit(
  req: IncomingMessage,
  recorder: HttpRecorder,
  caller: Caller,
  trace: Trace,
): RequestAudit {
  let said: Actor | undefined;
  const audit: RequestAudit = {
    get actor(): Actor {
      const claimed = said ?? recorder.ask('actor', (actor) => actor(req));
      return completeActor(claimed, caller, req.headers);
    },
    set actor(actor: Actor | undefined) {
      said = actor;
    },
    trace,
    get log() {
      return recorder.log;
    },
    async record(event, options) {
      return recorder.log.record(correlate(event), options);
    },
    emit: (event) => recorder.emit(() => correlate(event)),
  };
  const correlate = (event: AuditEvent): AuditEvent => ({
    ...event,
    actor: event.actor ?? audit.actor,
    trace: { ...trace, ...event.trace },
  });
  return audit;
}
