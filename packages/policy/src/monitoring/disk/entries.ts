// What the log says of its disk.
import { type AuditEvent, type Level, performanceThreshold, systemError } from '@audit/core';
import type { DiskAction } from './ladder.ts';
import type { DiskChange } from './place.ts';

/** How grave each action is. */
const LEVELS: Readonly<Record<DiskAction, Level>> = {
  warn: 'warning',
  alert: 'error',
  spool: 'critical',
  refuse: 'critical',
  halt: 'critical',
};

/** `performance.threshold` on `disk.free`: past a threshold, or back above it. */
export function diskEntry({ place, directory, action, before, limit, free, size }: DiskChange): AuditEvent {
  return performanceThreshold({
    ...{ metric: 'disk.free', limit: Math.round(limit), observed: free, unit: 'By' },
    operation: action === null ? 'recover' : 'exceed',
    level: action === null ? 'info' : LEVELS[action],
    data: { place, directory, size, action: action ?? 'none', before: before ?? 'none' },
  });
}

/** `system.error`: the space cannot be measured, or events cannot be diverted. */
export function diskErrorEntry(
  operation: 'measure' | 'divert',
  error: Error,
  facts: Readonly<Record<string, unknown>>,
): AuditEvent {
  return systemError({ system: 'disk', operation, error, data: facts });
}
