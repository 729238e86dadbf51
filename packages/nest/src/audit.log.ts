// The log of a module: an open one, one that it opens, or whichever the process has.
import { type AuditLog, type AuditLogOptions, openAuditLog } from '@audit/core';
import type { Provider } from '@nestjs/common';
import { AUDIT_LOG, AUDIT_OPTIONS } from './audit.constants.ts';
import type { AuditModuleOptions } from './audit-module-options.interface.ts';

export interface ModuleLog {
  /** Undefined: `getAuditLog()`, each time. */
  readonly log: AuditLog | undefined;
  /** Whether the module opened it, and so closes it. */
  readonly owned: boolean;
}

/** Opens the log before the application takes its first request: a log that cannot be opened stops the start. */
export const moduleLogProvider: Provider = {
  provide: AUDIT_LOG,
  inject: [AUDIT_OPTIONS],
  async useFactory({ log }: AuditModuleOptions): Promise<ModuleLog> {
    if (log === undefined || isOpen(log)) return { log, owned: false };
    return { log: await openAuditLog(log), owned: true };
  },
};

function isOpen(log: AuditLog | AuditLogOptions): log is AuditLog {
  return typeof (log as Partial<AuditLog>).emit === 'function';
}
