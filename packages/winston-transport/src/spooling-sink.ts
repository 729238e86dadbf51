// The way into the log where nothing may be dropped for want of room: through a file.
import type { AuditError, AuditEvent, AuditLog } from '@audit/core';
import type { SpoolSettings } from './options.ts';
import { Listening, type Sink, type SinkHooks } from './sink.ts';
import { Spool } from './spool.ts';

/**
 * Hands over by `record`, which waits for room instead of dropping, until one of them has to wait. From then on, and
 * while anything is in the spool, everything goes there: so the order holds, and no more than that one waits in memory.
 */
export class SpoolingSink implements Sink {
  readonly #hooks: SinkHooks;
  readonly #listening: Listening;
  readonly #spool: Spool;
  /** Events the log has been handed, and has not answered. */
  #open = 0;
  /** Those of them that found its queue full. */
  #crowded = 0;
  #answered: (() => void)[] = [];

  constructor(hooks: SinkHooks, options: SpoolSettings) {
    this.#hooks = hooks;
    this.#listening = new Listening((reason) => hooks.degraded(reason));
    this.#spool = new Spool(options, hooks);
    // What an earlier process left comes first.
    this.#spool.drain();
  }

  hand(event: AuditEvent): boolean {
    try {
      const log = this.#logIfAny();
      if (log !== undefined && isOpen(log) && this.#spool.isEmpty && this.#crowded === 0) {
        this.#record(log, event);
        return true;
      }
      if (!this.#spool.put(event)) this.#fallBack(event, log);
      this.#drainIfFree();
    } catch (error) {
      this.#hooks.lost(error);
    }
    return false;
  }

  async flush(): Promise<void> {
    // An answer may put more into the spool, and what is in the spool is asked for again.
    do {
      while (this.#open > 0) await new Promise<void>((resolve) => this.#answered.push(resolve));
      await this.#spool.drained();
    } while (this.#open > 0);
    await this.#listening.flush();
  }

  close(): void {
    this.#listening.close();
    this.#spool.close();
  }

  #logIfAny(): AuditLog | undefined {
    try {
      const log = this.#hooks.log();
      this.#listening.listen(log);
      return log;
    } catch {
      return undefined;
    }
  }

  #record(log: AuditLog, event: AuditEvent): void {
    const before = log.health().queued.events;
    const recorded = log.record(event);
    const waits = log.health().queued.events === before;
    this.#open++;
    if (waits) this.#crowded++;
    recorded
      .catch((error: AuditError) => this.#refused(log, event, error))
      .then(() => {
        if (waits) this.#crowded--;
        if (--this.#open === 0) for (const resolve of this.#answered.splice(0)) resolve();
        this.#drainIfFree();
      });
  }

  /** What waits for room in the log comes before what waits in the spool. */
  #drainIfFree(): void {
    if (this.#crowded === 0) this.#spool.drain();
  }

  #refused(log: AuditLog, event: AuditEvent, error: AuditError): void {
    // A handler of the application's own has dropped it; or it is no event, and never will be one.
    if (error.code === 'DROPPED') return;
    if (error.code === 'EVENT_INVALID' || error.code === 'ID_CONFLICT') {
      this.#hooks.lost(error);
      return;
    }
    // What a closed log refuses it has never had; everything else may be in the log, and is there once by its id.
    const sent = error.id !== undefined && error.code !== 'LOG_CLOSED';
    const again = sent ? { ...event, id: error.id } : event;
    if (error.code === 'QUEUE_FULL') {
      this.#record(log, again);
      return;
    }
    // It waits in the queue of the log still, which only says that it takes long.
    const pending = error.code === 'SIGNER_DOWN' || error.code === 'COMMIT_UNCERTAIN';
    if (pending && isOpen(log)) return;
    if (!this.#spool.put(again, sent)) this.#fallBack(again, log);
  }

  /** The spool takes no more: recorded before what waits if there is room, else dropped, and counted by the log. */
  #fallBack(event: AuditEvent, log: AuditLog | undefined): void {
    const before = log === undefined ? 0 : total(log);
    log?.emit(event);
    if (log !== undefined && total(log) === before) return;
    this.#hooks.lost(new Error('the spool is full or cannot be written, and so is the queue of the log.'));
  }
}

function isOpen(log: AuditLog): boolean {
  const { status } = log.health();
  return status !== 'closed' && status !== 'stopped';
}

function total(log: AuditLog): number {
  return Object.values(log.health().lost).reduce((sum, count) => sum + count, 0);
}
