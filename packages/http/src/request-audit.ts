// What a handler holds as `req.audit`: records domain events under the request's trace and actor.
import type { IncomingMessage } from 'node:http';
import type { Actor, AuditEvent, AuditLog, EmitOptions, Receipt, RecordOptions, Trace } from '@audit/core';
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
  emit(event: AuditEvent, options?: EmitOptions): string;
}

/** The `RequestAudit` of one exchange; also the context its handler runs in. */
export class ExchangeAudit implements RequestAudit {
  readonly trace: Trace;
  readonly #req: IncomingMessage;
  readonly #recorder: HttpRecorder;
  readonly #caller: Caller;
  #said: Actor | undefined;

  constructor(req: IncomingMessage, recorder: HttpRecorder, caller: Caller, trace: Trace) {
    this.#req = req;
    this.#recorder = recorder;
    this.#caller = caller;
    this.trace = trace;
  }

  get actor(): Actor {
    const claimed = this.#said ?? this.#recorder.ask('actor', (actor) => actor(this.#req));
    return completeActor(claimed, this.#caller, this.#req.headers);
  }

  set actor(actor: Actor | undefined) {
    this.#said = actor;
  }

  get log(): AuditLog {
    return this.#recorder.log;
  }

  async record(event: AuditEvent, options?: RecordOptions): Promise<Receipt> {
    return this.#recorder.log.record(this.#correlate(event), options);
  }

  emit(event: AuditEvent, options?: EmitOptions): string {
    return this.#recorder.emit(() => this.#correlate(event), options);
  }

  #correlate(event: AuditEvent): AuditEvent {
    return { ...event, actor: event.actor ?? this.actor, trace: { ...this.trace, ...event.trace } };
  }
}
