// Backups as a job: the whole log, copied and verified, as often as the policy says.
import { isAbsolute } from 'node:path';
import { type AuditLog, backupLog } from '@audit/core';
import type { MaintenanceJob } from './job.ts';

/** How often a backup is made, in milliseconds. */
export const DEFAULT_BACKUP_INTERVAL = 86_400_000;

export interface BackupJobOptions {
  readonly log: AuditLog;
  /** Folder of the backups. */
  readonly directory: string;
  readonly keep?: number | undefined;
  readonly interval?: number | undefined;
}

/** The job `backup`. */
export function backupJob(options: BackupJobOptions): MaintenanceJob {
  const { log, directory: backups, keep, interval = DEFAULT_BACKUP_INTERVAL } = options;
  return {
    name: 'backup',
    schedule: { every: interval },
    async run(signal) {
      const { location: directory, vkey } = log.info();
      if (!isAbsolute(directory)) throw new Error('Only a log in a directory can be backed up.');
      const { backup, size, removed } = await backupLog({ directory, backups, keep, keys: [vkey], signal });
      return { backup, size, removed };
    },
  };
}
