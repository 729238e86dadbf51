// One operation on its way into the log: who does it, in which trace, and what happens where it cannot be recorded.
import { randomBytes } from 'node:crypto';
import {
  type Actor,
  type AuditEvent,
  type AuditLog,
  getAuditContext,
  getAuditLog,
  type OnFailure,
  type Trace,
} from '@audit/core';
import { oneOf } from './check.ts';
import { AuditAgentError } from './errors.ts';

/**
 * What happens to an operation that cannot be recorded.
 * - `best-effort`: it is done all the same; one entry tells of it once it is over
 * - `strict`: it is on record, durable and signed, before it begins, or it does not begin; a second entry of the same span
 *   tells its end before its result is given out. A process that dies in between leaves the first.
 */
export type AgentOnFailure = Exclude<OnFailure, 'spool'>;

/** Nothing waits for the log. */
export const DEFAULT_ON_FAILURE: AgentOnFailure = 'best-effort';

/** What every helper takes. */
export interface RecordingOptions {
  /** The log to record in. Default: `getAuditLog()`, looked up for each operation. */
  readonly log?: AuditLog | undefined;
  /** Who does it. Wins over the actor of `withAuditContext`. */
  readonly actor?: Actor | undefined;
  /** Wins over the trace of `withAuditContext`, field by field. */
  readonly trace?: Trace | undefined;
  /** Default `DEFAULT_ON_FAILURE`. */
  readonly onFailure?: AgentOnFailure | undefined;
}

export const RECORDING_NAMES = ['log', 'actor', 'trace', 'onFailure'] as const;

/** Reasons of what strict mode tells by `log.gap`. */
const REFUSED = 'agent-refused';
const UNFINISHED = 'agent-unfinished';

export class Recording {
  readonly #log: AuditLog;
  readonly #actor: Actor | undefined;
  readonly #trace: Trace;
  readonly #strict: boolean;
  readonly #begun = performance.now();

  /**
   * Takes the context of the caller: what ends the operation may run in another.
   * @throws AuditError `LOG_UNSET`; TypeError, RangeError naming the option
   */
  constructor({ log, actor, trace, onFailure = DEFAULT_ON_FAILURE }: RecordingOptions) {
    this.#strict = oneOf('onFailure', onFailure, ['best-effort', 'strict']) === 'strict';
    if (log !== undefined && typeof log?.record !== 'function') {
      throw new TypeError('options.log must be an open audit log: pass what openAuditLog() resolves with');
    }
    if (actor !== undefined && (typeof actor?.type !== 'string' || typeof actor.id !== 'string')) {
      throw new TypeError('options.actor must be an object such as { type: "agent", id: "coder" }');
    }
    const context = getAuditContext();
    this.#log = log ?? getAuditLog();
    this.#actor = actor ?? context?.actor;
    this.#trace = spanOf({ ...context?.trace, ...trace });
  }

  /** Milliseconds since the operation began, to the microsecond. */
  get durationMs(): number {
    return Math.round((performance.now() - this.#begun) * 1_000) / 1_000;
  }

  /**
   * Where strict, resolves once the beginning is durable and signed. A crash on the next line leaves a beginning without
   * an end: it is known that the operation may have run.
   * @throws AuditAgentError `NOT_RECORDED`: do not begin
   */
  async begin(event: AuditEvent): Promise<void> {
    if (!this.#strict) return;
    try {
      await this.#log.record(this.#complete(event, 'started'));
    } catch (error) {
      this.#report(
        REFUSED,
        event,
        'An operation was refused, and nothing ran: it could not be recorded.',
        error,
      );
      const message = `${event.type} did not begin, for it could not be recorded: ${textOf(error)}`;
      throw new AuditAgentError('NOT_RECORDED', message, { cause: error });
    }
  }

  /**
   * Records the end; where strict, resolves once it is durable and signed.
   * @param result what the operation came to: given out with the error
   * @throws AuditAgentError `NOT_RECORDED`, where strict
   */
  async end(event: AuditEvent, result?: unknown): Promise<void> {
    if (!this.#strict) {
      this.#emit(event);
      return;
    }
    try {
      await this.#log.record(this.#complete(event, 'finished'));
    } catch (error) {
      this.#report(UNFINISHED, event, 'How an operation ended could not be recorded.', error);
      const message = `${event.type} is over, and could not be recorded: ${textOf(error)}`;
      throw new AuditAgentError('NOT_RECORDED', message, { cause: error, result });
    }
  }

  /**
   * For what takes no time: one entry, without a phase; where strict, resolves once it is durable and signed.
   * @throws AuditAgentError `NOT_RECORDED`, where strict
   */
  async tell(event: AuditEvent): Promise<void> {
    if (!this.#strict) {
      this.#emit(event);
      return;
    }
    try {
      await this.#log.record(this.#complete(event, undefined));
    } catch (error) {
      this.#report(REFUSED, event, 'An event could not be recorded.', error);
      throw new AuditAgentError('NOT_RECORDED', `${event.type} could not be recorded: ${textOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Nobody waits for it. */
  #emit(event: AuditEvent): void {
    this.#log.emit(this.#complete(event, undefined));
    const { status } = this.#log.health();
    if (status === 'closed' || status === 'stopped') {
      // The log counts what it loses while it is there; once it is not, somebody else has to hear of it.
      process.emitWarning(`${event.type} is not recorded: the audit log is ${status}.`, {
        type: 'AuditWarning',
        code: 'AUDIT_NOT_RECORDED',
      });
    }
  }

  #complete(event: AuditEvent, phase: 'started' | 'finished' | undefined): AuditEvent {
    return {
      ...event,
      ...(this.#actor !== undefined && { actor: this.#actor }),
      trace: this.#trace,
      ...(phase !== undefined && { data: { ...event.data, phase } }),
    };
  }

  #report(reason: string, event: AuditEvent, message: string, error: unknown): void {
    const { code } = error as { readonly code?: unknown };
    this.#log.reportGap({ reason, message, trace: this.#trace, data: { type: event.type, code } });
  }
}

/** A span of its own (W3C Trace Context) inside of what is there: what holds two entries of one operation together. */
function spanOf(outer: Trace): Trace {
  return {
    ...outer,
    traceId: outer.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    ...(outer.spanId !== undefined && { parentId: outer.spanId }),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
