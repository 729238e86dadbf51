// Rotation as a job: a log in which nothing happens ends its segment at its age all the same, so that it can be archived
// and pruned.
import type { AuditLog } from '@audit/core';
import type { MaintenanceJob } from './job.ts';

/** How often the age of the segment is looked at, in milliseconds. */
export const DEFAULT_ROTATION_INTERVAL = 3_600_000;

/** The job `rotate`. */
export function rotateJob(log: AuditLog, interval: number = DEFAULT_ROTATION_INTERVAL): MaintenanceJob {
  return {
    name: 'rotate',
    schedule: { every: interval },
    async run() {
      return { rotated: await log.rotateIfDue() };
    },
  };
}
