// Hands events to the log, in order, and does not go on before they are safe: what comes behind one that the log has
// not taken must not be in it either, or a restart would take up the stream behind the loss.
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditError, type AuditEvent, type AuditLog, type GapReport, type Receipt } from '@audit/core';

/** Wait before the log is asked again, in milliseconds. */
export const LOG_RETRY = 1_000;

export interface ScribeHooks {
  readonly recorded: (event: AuditEvent, receipt: Receipt) => void;
  /** The log has it already. */
  readonly repeated: () => void;
  /** The log refuses this event, whatever is done. */
  readonly failed: (event: AuditEvent | null, error: Error) => void;
}

/** Codes after which the same event may be taken: the log is busy, or what it needs is away. */
const TRANSIENT: ReadonlySet<string> = new Set(['QUEUE_FULL', 'SIGNER_DOWN', 'COMMIT_UNCERTAIN', 'STORE_IO']);
/** Codes after which the log takes nothing any more. */
const FINAL: ReadonlySet<string> = new Set(['LOG_CLOSED', 'LOG_STOPPED', 'FENCED']);

const CLOSED = new AuditError('LOG_CLOSED', 'The log is closed: open it again, and watch with that one.');

export class Scribe {
  readonly #log: AuditLog;
  readonly #hooks: ScribeHooks;
  readonly #stopping = new AbortController();
  #ended: Error | null = null;

  constructor(log: AuditLog, hooks: ScribeHooks) {
    this.#log = log;
    this.#hooks = hooks;
  }

  /** Why nothing is handed to the log any more; null while it is. */
  get ended(): Error | null {
    return this.#ended;
  }

  /** From now on a log that is busy is not asked again. */
  giveUp(): void {
    this.#stopping.abort();
  }

  /** Resolves when each event is durable, or was refused for good. Never rejects. */
  async write(events: readonly AuditEvent[]): Promise<void> {
    let rest = events;
    while (rest.length > 0) {
      const outcomes = await Promise.all(rest.map((event) => this.#attempt(event)));
      rest = rest.filter((_event, i) => outcomes[i] === 'again');
      if (rest.length > 0) await this.#pause();
    }
  }

  /** Resolves with true once `log.gap` is durable; it is counted at once, whatever comes. */
  async gap(report: GapReport): Promise<boolean> {
    this.#log.reportGap(report);
    // The log tells it with whatever it still takes; one that has stopped never answers.
    if (this.#ended !== null) {
      this.#hooks.failed(null, this.#ended);
      return false;
    }
    for (;;) {
      try {
        if (this.#log.health().status === 'closed') throw CLOSED;
        await this.#log.flush();
        return true;
      } catch (error) {
        if (this.#judge(error as Error, null) === 'done') return false;
        await this.#pause();
      }
    }
  }

  async #attempt(event: AuditEvent): Promise<'done' | 'again'> {
    if (this.#ended !== null) {
      this.#hooks.failed(event, this.#ended);
      return 'done';
    }
    try {
      this.#hooks.recorded(event, await this.#log.record(event));
      return 'done';
    } catch (error) {
      return this.#judge(error as Error, event);
    }
  }

  #judge(error: Error, event: AuditEvent | null): 'done' | 'again' {
    const code = error instanceof AuditError ? error.code : (error as { code?: unknown }).code;
    if (code === 'ID_CONFLICT') {
      // The id follows from what happened: whoever wrote it saw the same, and wrote of it with other words.
      this.#hooks.repeated();
      return 'done';
    }
    const transient = typeof code === 'string' && TRANSIENT.has(code);
    if (transient && !this.#stopping.signal.aborted) return 'again';
    // Also where it is only given up: the next watch takes up the stream at what is left out here.
    if (transient || (typeof code === 'string' && FINAL.has(code))) this.#ended ??= error;
    this.#hooks.failed(event, error);
    return 'done';
  }

  async #pause(): Promise<void> {
    await sleep(LOG_RETRY, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}
