// Retention as a job: sealed segments are archived, and what has expired goes, as often as the policy says.
import type { AuditLog } from '@audit/core';
import type { Check } from '../monitoring/check.ts';
import { applyRetention } from '../retention/apply.ts';
import type { RetentionOptions } from '../retention/options.ts';
import type { JobResult, MaintenanceJob } from './job.ts';

/** How often retention is applied, in milliseconds. */
export const DEFAULT_RETENTION_INTERVAL = 86_400_000;

export interface RetentionJobOptions {
  readonly log: AuditLog;
  /** Sections `retention`, `archive` and `rotation` of the policy. */
  readonly retention: RetentionOptions;
  readonly interval?: number | undefined;
  /** Default: the system's. */
  readonly clock?: { now(): number } | undefined;
}

/** The job `retention`. It fails where archiving does: then it is told, and tried again. */
export function retentionJob(options: RetentionJobOptions): MaintenanceJob {
  const { log, retention, interval = DEFAULT_RETENTION_INTERVAL, clock = Date } = options;
  return {
    name: 'retention',
    schedule: { every: interval },
    async run(signal) {
      signal.throwIfAborted();
      const result = await applyRetention(log, retention, clock.now());
      // After pruning: what may go without an archive has gone.
      if (result.archiveError !== null) throw result.archiveError;
      const { archived, pruned, request } = result;
      return {
        archivedSize: archived?.size ?? null,
        prunedTo: pruned?.to ?? null,
        awaitsApproval: request !== null,
      };
    },
    checks: (last) => [checkOf(last)],
  };
}

/** Segments that wait for approvers are somebody's task, and nothing that is wrong with the log. */
function checkOf(last: JobResult | null): Check {
  if (last?.awaitsApproval !== true) return { name: 'retention', status: 'ok', reasons: [] };
  const reason = 'Entries have expired and stay until the approvers of the policy agree: run audit prune.';
  return { name: 'retention', status: 'degraded', reasons: [reason] };
}
