// The way of a client's acts into the log, and what is lost on it.
import { type AuditEvent, getAuditLog, type JsonObject, toJson } from '@audit/core';
import { createRedactor } from '@audit/core/internal';
import { callerNow } from './caller.ts';
import type { AuditDockerOptions } from './options.ts';
import { errorOf, outcomeOf } from './outcome.ts';

/** Marks entries of the one who asked; those of the engine's own events have `data.engine` instead. */
export const CLIENT_SOURCE = 'client';

/** The log applies its own rules, which may be stricter, to the whole event later on. */
const redactor = createRedactor();

/** What an act is as an event, apart from who asked and how it ended. */
export interface Act {
  readonly event: AuditEvent;
  /** What the request held that is not recorded; what of it is secret is masked wherever else it stands. */
  readonly company?: unknown;
}

export class ActRecorder {
  readonly #options: AuditDockerOptions;
  /** What was said, each once. */
  readonly #said = new Set<string>();

  constructor(options: AuditDockerOptions) {
    this.#options = options;
  }

  /**
   * Called when the act begins; the function returned records it once it has ended. Never throws: what cannot be
   * recorded costs a warning, not the call.
   */
  begin(act: (error: unknown, value: unknown) => Act): (error: unknown, value: unknown) => void {
    const caller = callerNow(this.#options, (message) => this.#warn('AUDIT_CALLBACK_FAILED', message));
    const begun = performance.now();
    return (error, value) => {
      try {
        const { event, company } = act(error, value);
        const durationMs = Math.round((performance.now() - begun) * 1_000) / 1_000;
        const complete: AuditEvent = {
          ...{ ...event, ...caller, outcome: outcomeOf(error), error: errorOf(error) },
          data: { ...event.data, source: CLIENT_SOURCE, durationMs },
        };
        this.#emit(company === undefined ? complete : redactIn(company, complete));
      } catch (cause) {
        this.#lose(cause);
      }
    };
  }

  #emit(event: AuditEvent): void {
    const log = this.#options.log ?? getAuditLog();
    log.emit(event);
    const { status } = log.health();
    if (status === 'closed' || status === 'stopped') throw new Error(`the audit log is ${status}.`);
  }

  #lose(cause: unknown): void {
    const why = cause instanceof Error ? cause.message : String(cause);
    this.#warn('AUDIT_NOT_RECORDED', `What is asked of the Docker engine is done but not recorded: ${why}`);
  }

  #warn(code: string, message: string): void {
    if (this.#said.has(code)) return;
    this.#said.add(code);
    process.emitWarning(message, { type: 'AuditWarning', code });
  }
}

/** A command repeats what the environment holds, and so does the engine's complaint about it. */
function redactIn(company: unknown, event: AuditEvent): AuditEvent {
  const parts = toJson({ data: { company, facts: event.data }, error: event.error }) as JsonObject;
  const { data, error } = redactor.redact(parts).event;
  return {
    ...event,
    data: (data as JsonObject).facts as JsonObject,
    ...(error !== undefined && { error: error as unknown as NonNullable<AuditEvent['error']> }),
  };
}
