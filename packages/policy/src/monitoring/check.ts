// Whether what is watched does what it is for, part by part, with reasons. Imports types only.
import type { AuditLog } from '@audit/core';
import type { Metric } from './metric.ts';

/** `degraded`: it works, and somebody should look. `failed`: it does not do what it is for. In the order of weight. */
export const CHECK_STATUSES = ['ok', 'degraded', 'failed'] as const;
export type CheckStatus = (typeof CHECK_STATUSES)[number];

/** One part, as it is now. */
export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** Sentences that say what is wrong and what to do; none where it is `ok`. */
  readonly reasons: readonly string[];
}

/** All parts, and the worst of them. */
export interface Readiness {
  /** False where a part has failed: nothing should be sent here. */
  readonly ready: boolean;
  readonly status: CheckStatus;
  readonly checks: readonly Check[];
}

/** What can be monitored: a part of a service that tells of itself. */
export interface MonitoringSource {
  checks?(): readonly Check[];
  metrics?(): readonly Metric[] | Promise<readonly Metric[]>;
}

export function readinessOf(checks: readonly Check[]): Readiness {
  const worst = Math.max(0, ...checks.map(({ status }) => CHECK_STATUSES.indexOf(status)));
  const status = CHECK_STATUSES[worst]!;
  return { ready: status !== 'failed', status, checks };
}

/** The log. What it complains of while it goes on does not make it unready: it keeps its promises, or rejects. */
export function logCheck(log: Pick<AuditLog, 'health'>): Check {
  const { status, reasons } = log.health();
  if (status === 'ok' || status === 'degraded') return { name: 'log', status, reasons };
  const closed = `The log is ${status}: open it again.`;
  return { name: 'log', status: 'failed', reasons: reasons.length === 0 ? [closed] : reasons };
}
