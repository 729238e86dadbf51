// The jobs every log has, as the policy says.
import type { AuditLog, VerifyReport } from '@audit/core';
import type { RetentionOptions } from '../retention/options.ts';
import type { BackupPolicy } from '../sections/archive.ts';
import type { MaintenancePolicy } from '../sections/maintenance.ts';
import { backupJob } from './backup-job.ts';
import type { MaintenanceJob } from './job.ts';
import { retentionJob } from './retention-job.ts';
import { rotateJob } from './rotate-job.ts';
import { verifyJob } from './verify-job.ts';

export interface MaintenanceJobsOptions {
  readonly log: AuditLog;
  /** The section of the policy. */
  readonly maintenance: MaintenancePolicy;
  /** Sections `retention`, `archive` and `rotation`. Default: nothing is archived, and nothing goes. */
  readonly retention?: RetentionOptions | undefined;
  /** Default: no backups are made. */
  readonly backups?: BackupPolicy | undefined;
  /** Told where a verification finds something. */
  readonly onFinding?: ((report: VerifyReport) => void) | undefined;
}

/** `verify`, `rotate` and, where they are asked for, `retention` and `backup`; none whose interval is 0. */
export function maintenanceJobs({
  log,
  maintenance,
  retention,
  backups,
  onFinding,
}: MaintenanceJobsOptions): readonly MaintenanceJob[] {
  const { verifyInterval, fullVerifyInterval, rotationInterval, retentionInterval } = maintenance;
  const verify = { log, interval: verifyInterval, fullInterval: fullVerifyInterval, onFinding };
  return [
    ...(verifyInterval === 0 ? [] : [verifyJob(verify)]),
    ...(rotationInterval === 0 ? [] : [rotateJob(log, rotationInterval)]),
    ...(retention === undefined || retentionInterval === 0
      ? []
      : [retentionJob({ log, retention, interval: retentionInterval })]),
    ...(backups?.directory === undefined || backups.interval === 0
      ? []
      : [backupJob({ log, ...backups, directory: backups.directory })]),
  ];
}
