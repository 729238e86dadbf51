// Verification as a job: what is new each time, all of it now and then. Each verdict is an entry, log.verify.
import type { AuditLog, Verdict, VerifyReport } from '@audit/core';
import type { Check } from '../monitoring/check.ts';
import { tellQuietly } from '../monitoring/listener.ts';
import { gauge, type Metric } from '../monitoring/metric.ts';
import type { JobResult, MaintenanceJob } from './job.ts';

/** How often a log verifies what is new in it, in milliseconds. */
export const DEFAULT_VERIFY_INTERVAL = 86_400_000;
/** How often it reads every entry again, in milliseconds: what was changed behind its back is found by that. */
export const DEFAULT_FULL_VERIFY_INTERVAL = 7 * 86_400_000;

export interface VerifyJobOptions {
  readonly log: AuditLog;
  readonly interval?: number | undefined;
  /** 0: every time. */
  readonly fullInterval?: number | undefined;
  /** Told where the verdict is not `intact`. */
  readonly onFinding?: ((report: VerifyReport) => void) | undefined;
  /** Default: the system's. */
  readonly clock?: { now(): number } | undefined;
}

/** What is kept of a verification. */
interface Kept {
  readonly verdict: Verdict;
  /** Milliseconds since the epoch: this verification, and the last that read every entry. */
  readonly at: number;
  readonly fullAt: number;
  readonly size: number;
  readonly entriesChecked: number;
  /** The checkpoint it went by: the next one must be consistent with it. */
  readonly note: string | null;
  /** Codes of what was held against the log. */
  readonly findings: readonly string[];
}

/** The job `verify`. */
export function verifyJob(options: VerifyJobOptions): MaintenanceJob {
  const { log, interval = DEFAULT_VERIFY_INTERVAL, fullInterval = DEFAULT_FULL_VERIFY_INTERVAL } = options;
  const clock = options.clock ?? Date;
  return {
    name: 'verify',
    schedule: { every: interval },
    async run(signal, result) {
      const at = clock.now();
      const last = keptOf(result);
      // After a finding everything is read again: what is wrong must not be passed over as old.
      const isFull =
        last === null || last.verdict !== 'intact' || at - last.fullAt >= fullInterval || last.fullAt > at;
      const report = await log.verify({
        ...{ signal, record: true },
        ...(!isFull && last.size < log.info().size && { from: last.size }),
        ...(last?.note != null && { since: [last.note] }),
      });
      if (report.verdict !== 'intact') tellQuietly(options.onFinding, report);
      return { ...keep(report, at, isFull ? at : last.fullAt) };
    },
    checks: (result) => [checkOf(keptOf(result))],
    metrics: (result, now) => metricsOf(keptOf(result), now),
  };
}

function keep(report: VerifyReport, at: number, fullAt: number): Kept {
  const { verdict, size, entriesChecked, findings, checkpoint } = report;
  const codes = verdict === 'intact' ? [] : [...new Set(findings.map(({ code }) => code))];
  return { verdict, at, fullAt, size, entriesChecked, note: checkpoint?.note ?? null, findings: codes };
}

/** What another version wrote, or somebody else, counts as nothing: then all is verified. */
function keptOf(result: JobResult | null): Kept | null {
  const { verdict, at, fullAt, size, note } = (result ?? {}) as Partial<Kept>;
  const numbers = [at, fullAt, size].every((value) => Number.isSafeInteger(value) && (value as number) >= 0);
  return numbers && typeof verdict === 'string' && (note === null || typeof note === 'string')
    ? (result as unknown as Kept)
    : null;
}

function checkOf(last: Kept | null): Check {
  if (last === null || last.verdict === 'intact') return { name: 'verification', status: 'ok', reasons: [] };
  const { verdict, size, findings, at } = last;
  const reason = `The log was ${verdict} at ${size} entries on ${new Date(at).toISOString()} (${findings.join(', ')}): run audit verify.`;
  return { name: 'verification', status: 'degraded', reasons: [reason] };
}

function metricsOf(last: Kept | null, now: number): readonly Metric[] {
  return [
    gauge(
      'audit_last_verification_ok',
      'Whether the log was intact when it was last verified: 1 or 0.',
      last === null ? null : Number(last.verdict === 'intact'),
    ),
    gauge(
      'audit_last_verification_age_seconds',
      'Seconds since the log was last verified.',
      last === null ? null : (now - last.at) / 1_000,
    ),
    gauge(
      'audit_last_verification_entries',
      'Entries read by the last verification.',
      last === null ? null : last.entriesChecked,
    ),
  ];
}
