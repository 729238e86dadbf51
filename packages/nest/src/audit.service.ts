// What an application injects to record events of its own.
import type { AuditEvent, AuditLog, LogHealth, Receipt, RecordOptions } from '@audit/core';
import { HttpRecorder } from '@audit/http';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AUDIT_LOG, AUDIT_OPTIONS } from './audit.constants.ts';
import type { ModuleLog } from './audit.log.ts';
import type { AuditModuleOptions } from './audit-module-options.interface.ts';
import { httpOptions } from './http/http-options.ts';

/**
 * Records events under the actor and trace of the request or message being handled, and owns the log's end: on
 * `onApplicationShutdown`, when no server of the application takes anything any more, it is flushed, and closed
 * where the module opened it.
 *
 * @publicApi
 */
@Injectable()
export class AuditService implements OnApplicationShutdown {
  /** What traffic and handlers record through; never throws. */
  readonly recorder: HttpRecorder;
  readonly #owned: boolean;
  readonly #endings = new Set<() => void>();

  constructor(@Inject(AUDIT_OPTIONS) options: AuditModuleOptions, @Inject(AUDIT_LOG) moduleLog: ModuleLog) {
    this.recorder = HttpRecorder.of(httpOptions(options, moduleLog.log));
    this.#owned = moduleLog.owned;
  }

  /** The log. @throws AuditError `LOG_UNSET` where the module has none and `setAuditLog` was not called */
  get log(): AuditLog {
    return this.recorder.log;
  }

  /** As `AuditLog.record`: resolves once the event is durable and signed. */
  async record(event: AuditEvent, options?: RecordOptions): Promise<Receipt> {
    return this.log.record(event, options);
  }

  /** As `AuditLog.emit`: never throws; returns the id, `''` where no log is set. */
  emit(event: AuditEvent): string {
    return this.recorder.emit(() => event);
  }

  /** Resolves when everything recorded before is durable and signed. */
  async flush(): Promise<void> {
    await this.log.flush();
  }

  /** As `AuditLog.health`. */
  health(): LogHealth {
    return this.log.health();
  }

  /** Has `ending` called before the log is flushed for the last time. */
  beforeClose(ending: () => void): void {
    this.#endings.add(ending);
  }

  async onApplicationShutdown(): Promise<void> {
    for (const ending of this.#endings) ending();
    if (this.#owned) return this.log.close();
    const { settings } = this.recorder;
    // A log of somebody else may be closed already, or never have been set; neither is ours to complain of.
    if (settings.log === undefined) return;
    const { status } = settings.log.health();
    if (status === 'ok' || status === 'degraded') await settings.log.flush();
  }
}
