// What the exchanges of one adapter share: its settings, the way into the log, and what was lost on it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  AuditError,
  type AuditErrorCode,
  type AuditEvent,
  type AuditLog,
  type EmitOptions,
  type GapReport,
  getAuditLog,
} from '@audit/core';
import { type HttpOptions, type HttpSettings, resolveHttpOptions } from './options.ts';
import { Warnings } from './warnings.ts';

/** Codes by which a log turns events away for good. */
const ENDED: ReadonlySet<AuditErrorCode> = new Set([
  'LOG_CLOSED',
  'LOG_STOPPED',
  'SIGNER_DOWN',
  'COMMIT_UNCERTAIN',
]);

/** Make one for each server or adapter; hand it to `beginExchange` with each request. */
export class HttpRecorder {
  readonly settings: HttpSettings;
  readonly warnings = new Warnings();
  #lost = 0;
  /** The log listened to: `getAuditLog()` may answer another tomorrow. */
  #heard: AuditLog | undefined;
  /** Why the event being emitted was not taken. */
  #turnedAway: Error | undefined;

  readonly #hear = (error: Error): void => {
    if (error instanceof AuditError && ENDED.has(error.code)) this.#turnedAway = error;
  };

  private constructor(settings: HttpSettings) {
    this.settings = settings;
  }

  /** @throws TypeError naming the option that is unknown or not of its type */
  static of<Req extends IncomingMessage, Res extends ServerResponse>(
    options: HttpOptions<Req, Res> = {},
  ): HttpRecorder {
    return new HttpRecorder(resolveHttpOptions(options));
  }

  /** Exchanges and emitted events that no open log took. What a full queue drops, the log counts itself. */
  get lost(): number {
    return this.#lost;
  }

  /** The log in use. @throws AuditError `LOG_UNSET` */
  get log(): AuditLog {
    return this.settings.log ?? getAuditLog();
  }

  /**
   * Calls an option of the application, whose mistakes must cost neither the response nor the entry: undefined
   * where it is not set, or throws.
   */
  ask<K extends 'actor' | 'skip', T>(
    option: K,
    call: (callback: NonNullable<HttpSettings[K]>) => T,
  ): T | undefined {
    const callback = this.settings[option];
    if (callback === undefined) return undefined;
    try {
      return call(callback);
    } catch (error) {
      const message = `options.${option} of the audit adapter throws: ${String(error)}`;
      this.warnings.once('AUDIT_CALLBACK_FAILED', message);
      return undefined;
    }
  }

  /**
   * Hands the event `make` returns to the log. Whatever goes wrong, here or with a log that is unset, closed or
   * stopped, costs a count and a warning: this runs where a throw would end the process. Nothing is recorded where
   * `make` returns nothing.
   */
  emit(make: () => AuditEvent | undefined, options?: EmitOptions): string {
    try {
      const event = make();
      if (event === undefined) return '';
      const log = this.log;
      this.#listen(log);
      this.#turnedAway = undefined;
      const id = log.emit(event, options);
      if (this.#turnedAway !== undefined) this.#lose(messageOf(this.#turnedAway));
      return id;
    } catch (error) {
      this.#lose(messageOf(error));
      return '';
    }
  }

  /**
   * As `AuditLog.record` of what `make` returns at once; rejects also where it throws, or no log is set. What a handler
   * of `use()` leaves out by choice is as good as recorded: nobody wants to wait for it. What is only spooled is not,
   * whatever the log's own rules say.
   */
  async record(make: () => AuditEvent): Promise<void> {
    try {
      await this.log.record(make(), { onFailure: 'strict' });
    } catch (error) {
      if (!(error instanceof AuditError && error.code === 'DROPPED')) throw error;
    }
  }

  /** Tells the log what strict mode could not record; where there is no log to tell, only the process hears of it. */
  reportGap(gap: GapReport, cause: unknown): void {
    this.warnings.once(
      'AUDIT_REFUSED',
      `Requests are answered with 503, as onFailure: 'strict' asks, while they cannot be recorded: ${messageOf(cause)} Further ones are told by log.gap.`,
    );
    try {
      this.log.reportGap(gap);
    } catch {
      this.#lost += 1;
    }
  }

  /** A log that is closed or stopped says so of each event it is given, and only then. */
  #listen(log: AuditLog): void {
    if (this.#heard === log) return;
    this.#heard = log;
    log.on('error', this.#hear);
  }

  #lose(reason: string): void {
    this.#lost += 1;
    this.warnings.once(
      'AUDIT_NOT_RECORDED',
      `Requests are answered but not recorded: ${reason} Further ones are counted in silence.`,
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
