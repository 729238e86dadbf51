// One call of a handler, from the first guard to its end: settled once, by whoever sees the end first.
import type { Actor, AuditContext, AuditEvent, Outcome, Trace } from '@audit/core';
import { getAuditContext, withAuditContext } from '@audit/core';
import type { HttpRecorder } from '@audit/http';
import { type ExecutionContext, Logger } from '@nestjs/common';
import type { AuditCall, AuditCallKind } from '../audit-handler-options.interface.ts';
import { callError } from './call-error.ts';
import { handlerEvent } from './handler-event.ts';
import type { HandlerRules } from './handler-rules.ts';
import { outcomeOfError } from './outcome.ts';
import { recordStrictly } from './strict.ts';

/** What differs between a request and a message. */
export interface CallSource {
  readonly kind: AuditCallKind;
  readonly context: ExecutionContext;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** What else the caller sent that may hold secrets. */
  readonly headers?: unknown;
  /** Actor and trace, as known when asked. */
  readonly audit: { readonly actor: Actor; readonly trace: Trace };
  /** What else goes into `data` of the handler's event. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly auditContext: AuditContext;
  /** The event of the message itself; undefined for HTTP, where the exchange records itself. */
  readonly message?: ((call: AuditCall) => AuditEvent) | undefined;
}

/** Where the events of a call go. */
export interface CallSinks {
  /** The unnamed log. */
  readonly recorder: HttpRecorder;
  /** The log a handler names; undefined, with a complaint, where there is none of that name. */
  named(name: string): HttpRecorder | undefined;
  /** Calls not settled yet: asked to end at shutdown. */
  readonly running: Set<HandlerCall>;
}

const logger = new Logger('AuditModule');

export class HandlerCall {
  readonly source: CallSource;
  readonly #rules: HandlerRules;
  readonly #sinks: CallSinks;
  readonly #startedAt = performance.now();
  #reached = false;
  #settled = false;

  constructor(source: CallSource, rules: HandlerRules, sinks: CallSinks) {
    this.source = source;
    this.#rules = rules;
    this.#sinks = sinks;
    if (rules.audit !== undefined || source.message !== undefined) sinks.running.add(this);
  }

  /** Whether every guard let the call through. */
  get reached(): boolean {
    return this.#reached;
  }

  /** Every guard has let it through. False where somebody has seen that before. */
  reach(): boolean {
    if (this.#reached) return false;
    this.#reached = true;
    return true;
  }

  /** Runs `fn` where events get the actor and trace of this call. */
  run<T>(fn: () => T): T {
    const { auditContext } = this.source;
    // Entered once: a context inside itself would keep the actor as it is now.
    return getAuditContext() === auditContext ? fn() : withAuditContext(auditContext, fn);
  }

  /** Whether what the handler gives waits for its event; a refusal does not, for nothing was done. */
  get strict(): boolean {
    return this.#reached && this.#rules.audit?.onFailure === 'strict' && !this.#rules.skip;
  }

  fail(error: unknown): Promise<Error | undefined> | undefined {
    return this.settle(outcomeOfError(error), { error });
  }

  /**
   * The end, and the only one: later ones are what is left to say of a call that is over.
   *
   * @returns of a strict call: once its event is durable, or cannot be, what its caller is to get instead
   */
  settle(
    outcome: Outcome,
    end: { readonly result?: unknown; readonly error?: unknown } = {},
  ): Promise<Error | undefined> | undefined {
    this.#sinks.running.delete(this);
    if (this.#settled) return undefined;
    this.#settled = true;
    const { kind, context, params, query, body, headers, details, message } = this.source;
    const { skip, audit } = this.#rules;
    if (skip) return undefined;
    const call: AuditCall = {
      ...{ kind, context, params, query, body, outcome },
      result: end.result,
      error: end.error,
    };
    const durationMs = Math.round((performance.now() - this.#startedAt) * 1000) / 1000;
    const complete = (event: AuditEvent): AuditEvent => ({
      ...event,
      outcome,
      error: callError(end.error, { params, query, body, headers }),
      actor: this.source.audit.actor,
      trace: this.source.audit.trace,
      data: { ...event.data, durationMs },
    });
    let recorded: Promise<Error | undefined> | undefined;
    if (audit !== undefined) {
      const make = (): AuditEvent => {
        const event = handlerEvent(audit, call, complain);
        return complete({ ...event, data: { ...event.data, ...details } });
      };
      const sink = audit.log === undefined ? this.#sinks.recorder : this.#sinks.named(audit.log);
      if (this.strict) recorded = recordStrictly(sink, make, call, this.source.audit.trace);
      else sink?.emit(make);
    }
    if (message !== undefined) this.#sinks.recorder.emit(() => complete(message(call)));
    return recorded;
  }
}

/** A mistake in the application's own function costs what it should have said, never the entry. */
function complain(option: string, handler: string, error: unknown): void {
  logger.warn(`@Audit({ ${option} }) of ${handler} throws: ${String(error)}`);
}
