// The way into the log: hands events over, knows which were taken, and hears of the log's own troubles.
import { AuditError, type AuditEvent, type AuditLog, type LogHealth } from '@audit/core';

export interface SinkHooks {
  /** The log, asked for each event. @throws AuditError `LOG_UNSET` */
  log(): AuditLog;
  /** An event was not taken. */
  lost(cause: unknown): void;
  degraded(reason: string): void;
}

/** Waits for nothing: a full queue drops, counts, and tells in `log.gap`. */
export class Sink {
  readonly #hooks: SinkHooks;
  /** Logs written to; mostly one. */
  readonly #logs = new Set<AuditLog>();
  /** Those listened to, each with what ends it. */
  readonly #listening = new Map<AuditLog, () => void>();
  /** True while the log is in our call: what it tells then is about our event, which is told anyway. */
  #handing = false;
  #refusal: Error | undefined;

  constructor(hooks: SinkHooks) {
    this.#hooks = hooks;
  }

  /** True where the log took the event. Never throws. */
  hand(event: AuditEvent): boolean {
    try {
      const log = this.#hooks.log();
      this.#listen(log);
      const before = log.health().lost;
      this.#handing = true;
      this.#refusal = undefined;
      log.emit(event);
      const after = log.health().lost;
      // A handler of the application's own has dropped it, which it counts and nobody needs to be told.
      if (grew(before, after, 'dropped')) return false;
      const cause = this.#refusal ?? (grew(before, after, 'queue-full') ? queueFull() : undefined);
      if (cause === undefined) return true;
      this.#hooks.lost(cause);
    } catch (error) {
      this.#hooks.lost(error);
    } finally {
      this.#handing = false;
    }
    return false;
  }

  /** Resolves when everything taken before is durable and signed, and every loss stands in the log. */
  async flush(): Promise<void> {
    await Promise.all([...this.#logs].map((log) => log.flush()));
  }

  /** Stops listening; the next event starts it again. */
  close(): void {
    for (const unsubscribe of this.#listening.values()) unsubscribe();
    this.#listening.clear();
  }

  #listen(log: AuditLog): void {
    if (this.#listening.has(log)) return;
    this.#logs.add(log);
    const ends = [
      log.on('error', (error) => {
        if (this.#handing) this.#refusal = error;
      }),
      log.on('degraded', ({ reason }) => {
        if (!this.#handing) this.#hooks.degraded(reason);
      }),
    ];
    this.#listening.set(log, () => {
      for (const end of ends) end();
    });
  }
}

type Lost = LogHealth['lost'];

function grew(before: Lost, after: Lost, reason: string): boolean {
  return (after[reason] ?? 0) > (before[reason] ?? 0);
}

function queueFull(): AuditError {
  return new AuditError(
    'QUEUE_FULL',
    'the queue of the log is full. Log less, select fewer records, or raise queueEvents or queueBytes.',
  );
}
