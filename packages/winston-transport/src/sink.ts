// The way into the log: hands events over, knows which were taken, and hears of the log's own troubles.
import { AuditError, type AuditEvent, type AuditLog, type LogHealth } from '@audit/core';

export interface SinkHooks {
  /** The log, asked for each event. @throws AuditError `LOG_UNSET` */
  log(): AuditLog;
  /** An event was not taken. */
  lost(cause: unknown): void;
  degraded(reason: string): void;
}

export interface Sink {
  /** True where the log has the event in its bounded queue, to make it durable. Never throws. */
  hand(event: AuditEvent): boolean;
  /** Resolves when everything taken before is durable and signed, and every loss stands in the log. */
  flush(): Promise<void>;
  /** Holds nothing any more; the next event takes it up again. */
  close(): void;
}

/** Waits for nothing: a full queue drops, counts, and tells in `log.gap`. */
export class DroppingSink implements Sink {
  readonly #hooks: SinkHooks;
  readonly #listening: Listening;
  /** True while the log is in our call: what it tells then is about our event, which is told anyway. */
  #handing = false;
  #refusal: Error | undefined;

  constructor(hooks: SinkHooks) {
    this.#hooks = hooks;
    this.#listening = new Listening(
      (reason) => {
        if (!this.#handing) hooks.degraded(reason);
      },
      (error) => {
        if (this.#handing) this.#refusal = error;
      },
    );
  }

  hand(event: AuditEvent): boolean {
    try {
      const log = this.#hooks.log();
      this.#listening.listen(log);
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

  flush(): Promise<void> {
    return this.#listening.flush();
  }

  close(): void {
    this.#listening.close();
  }
}

/** The logs written to, mostly one, as long as they are listened to and beyond. */
export class Listening {
  readonly #degraded: (reason: string) => void;
  readonly #error: (error: Error) => void;
  readonly #logs = new Set<AuditLog>();
  readonly #ends = new Map<AuditLog, () => void>();

  constructor(degraded: (reason: string) => void, error: (error: Error) => void = () => {}) {
    this.#degraded = degraded;
    this.#error = error;
  }

  listen(log: AuditLog): void {
    if (this.#ends.has(log)) return;
    this.#logs.add(log);
    const ends = [log.on('error', this.#error), log.on('degraded', ({ reason }) => this.#degraded(reason))];
    this.#ends.set(log, () => {
      for (const end of ends) end();
    });
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#logs].map((log) => log.flush()));
  }

  close(): void {
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
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
