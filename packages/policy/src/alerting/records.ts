// What alerting does as entries of the log: `alert.raised`, `alert.delivered`, `alert.failed`.
import type { Actor, AuditEvent, AuditLog } from '@audit/core';

/** Who records them, whatever request the log was busy with. */
export const ALERTING_ACTOR: Actor = { type: 'system', id: 'alerting' };

/** Entries that wait for a log that takes none; more are counted as unrecorded. */
export const MAX_UNRECORDED = 10_000;

interface Waiting {
  readonly event: AuditEvent;
  readonly recorded: () => void;
}

/**
 * Recorded by `record` and not by `emit`: what the log cannot take comes back to here, and is not counted as an event
 * that was lost, which would be the reason of another alert.
 */
export class Records {
  readonly #log: AuditLog;
  readonly #attempts = new Set<Promise<void>>();
  #waiting: Waiting[] = [];
  /** Never recorded: there was no room to keep them, or they cannot be. */
  unrecorded = 0;

  constructor(log: AuditLog) {
    this.#log = log;
  }

  /** Entries that wait to be recorded. */
  get waiting(): number {
    return this.#waiting.length;
  }

  add(event: AuditEvent, recorded: () => void = () => {}): void {
    this.#try({ event: { ...event, actor: ALERTING_ACTOR }, recorded });
  }

  /** Tries those again that the log did not take. */
  retry(): void {
    const { status } = this.#log.health();
    if (status === 'stopped' || status === 'closed') return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const record of waiting) this.#try(record);
  }

  /** Waits for those on their way; the rest is counted. */
  async stop(): Promise<void> {
    this.retry();
    await Promise.all(this.#attempts);
    this.unrecorded += this.#waiting.length;
    this.#waiting = [];
  }

  #try(record: Waiting): void {
    const attempt = this.#record(record).finally(() => this.#attempts.delete(attempt));
    this.#attempts.add(attempt);
  }

  async #record(record: Waiting): Promise<void> {
    try {
      await this.#log.record(record.event);
      record.recorded();
    } catch (error) {
      const { code } = error as { code?: string };
      // It is there already, told with other words; a handler dropped it; or it cannot be an entry.
      if (code === 'ID_CONFLICT') record.recorded();
      else if (code === 'DROPPED' || code === 'EVENT_INVALID') {
        this.unrecorded++;
        record.recorded();
      } else if (this.#waiting.length < MAX_UNRECORDED) this.#waiting.push(record);
      else this.unrecorded++;
    }
  }
}
