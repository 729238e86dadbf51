// What the exchanges of one adapter share: its settings, the way into the log, and what was lost on it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuditEvent, type AuditLog, getAuditLog } from '@audit/core';
import { type HttpOptions, type HttpSettings, resolveHttpOptions } from './options.ts';
import { Warnings } from './warnings.ts';

/** Make one for each server or adapter; hand it to `beginExchange` with each request. */
export class HttpRecorder {
  readonly settings: HttpSettings;
  readonly warnings = new Warnings();
  #lost = 0;

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
   * stopped, costs a count and a warning: this runs where a throw would end the process.
   */
  emit(make: () => AuditEvent): string {
    try {
      const log = this.log;
      const id = log.emit(make());
      const { status } = log.health();
      if (status === 'closed' || status === 'stopped') this.#lose(`the audit log is ${status}.`);
      return id;
    } catch (error) {
      this.#lose(error instanceof Error ? error.message : String(error));
      return '';
    }
  }

  #lose(reason: string): void {
    this.#lost += 1;
    this.warnings.once(
      'AUDIT_NOT_RECORDED',
      `Requests are answered but not recorded: ${reason} Further ones are counted in silence.`,
    );
  }
}
