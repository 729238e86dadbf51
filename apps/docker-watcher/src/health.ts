// Whether the service does what it is for: the log records, and every engine is watched.
import type { AuditLog } from '@audit/core';
import type { WatchedEngine } from './watched-engine.ts';

export interface Readiness {
  readonly ready: boolean;
  /** One line for the log and for each engine: what is as it should be, and what is not and why. */
  readonly lines: readonly string[];
}

/** Looks at the log and the engines as they are now. */
export function readiness(log: Pick<AuditLog, 'health'>, engines: readonly WatchedEngine[]): Readiness {
  const { status, reasons } = log.health();
  const logIsWell = status === 'ok';
  const lines = [`log: ${logIsWell ? 'ok' : [status, ...reasons].join('; ')}`];
  let ready = logIsWell;
  for (const engine of engines) {
    const reason = engine.whyNotWatched;
    lines.push(`engine ${engine.name} (${engine.location}): ${reason ?? 'ok'}`);
    ready &&= reason === null;
  }
  return { ready, lines };
}
