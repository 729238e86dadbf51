// Whether the service does what it is for: the log records, and every engine is watched.
import type { AuditLog } from '@audit/core';
import { type Check, logCheck } from '@audit/policy';
import type { WatchedEngine } from './watched-engine.ts';

/** A watcher has nothing to do but to record: where its log complains, it is not ready. */
export function recordingCheck(log: Pick<AuditLog, 'health'>): Check {
  const check = logCheck(log);
  return check.status === 'degraded' ? { ...check, status: 'failed' } : check;
}

/** Each engine: watched, or why not. */
export function engineChecks(engines: readonly WatchedEngine[]): readonly Check[] {
  return engines.map(({ name, location, whyNotWatched }) => ({
    name: `engine ${name} (${location})`,
    status: whyNotWatched === null ? 'ok' : 'failed',
    reasons: whyNotWatched === null ? [] : [whyNotWatched],
  }));
}
