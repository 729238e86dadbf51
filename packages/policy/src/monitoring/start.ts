// Monitoring of one log: health, metrics and the watch over its disk, started and stopped as one.
import { isAbsolute } from 'node:path';
import type { AuditLog } from '@audit/core';
import type { MonitoringPolicy } from '../sections/monitoring.ts';
import { type Check, logCheck, type MonitoringSource, type Readiness, readinessOf } from './check.ts';
import { type DiskListeners, DiskWatch } from './disk/watch.ts';
import { type MonitoringHandler, monitoringHandler } from './handler.ts';
import { logMetrics } from './log-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { listenForMonitoring, type MonitoringServer } from './server.ts';

export interface MonitoringOptions extends DiskListeners {
  readonly log: AuditLog;
  /** The section of the policy. */
  readonly monitoring: MonitoringPolicy;
  /** What is told of besides the log and its disk: maintenance, alerting, parts of the application. */
  readonly sources?: readonly MonitoringSource[] | undefined;
  /**
   * A server that listens already; or null for none, where the application's own server has the `handler`. Default: one
   * by the policy.
   */
  readonly server?: MonitoringServer | null | undefined;
  /** How the log itself is judged. Default: `logCheck`, to which a degraded log is ready. */
  readonly checkLog?: ((log: AuditLog) => Check) | undefined;
  /** Where the log spools; needed, and on another disk, where `disk.spool` is set. */
  readonly spoolDirectory?: string | undefined;
}

export interface Monitoring {
  /** Where it listens; null where it has no server of its own. */
  readonly address: string | null;
  readonly port: number | null;
  readonly url: string | null;
  /** For the application's own server: `createServer(handler)`, or `app.use(handler)` of Express. */
  readonly handler: MonitoringHandler;
  status(): Readiness;
  /** No longer answers, and no longer watches the disk. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts to answer, and to watch the disk of a log in a directory. Resolves once the disk was looked at, so that what its
 * space calls for is in force.
 *
 * @throws PolicyError `MONITORING_UNAVAILABLE`, `POLICY_INVALID`; nothing is left open
 */
export async function startMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const { log, monitoring, sources = [], checkLog = logCheck } = options;
  const server = options.server === undefined ? await listenForMonitoring(monitoring) : options.server;
  let disk: DiskWatch | null = null;
  try {
    // Other stores name no directory.
    if (isAbsolute(log.info().location)) disk = await DiskWatch.start({ ...options, disk: monitoring.disk });
  } catch (error) {
    await server?.stop();
    throw error;
  }
  const parts: readonly MonitoringSource[] = [...(disk === null ? [] : [disk]), ...sources];
  const answers = {
    readiness: () => readinessOf([checkLog(log), ...parts.flatMap((part) => part.checks?.() ?? [])]),
    metrics: async () => {
      const own = await Promise.all(parts.map((part) => part.metrics?.() ?? []));
      return [...(await logMetrics(log)), ...own.flat(), ...processMetrics()];
    },
  };
  server?.serve(answers);
  let stopped: Promise<void> | undefined;
  return {
    address: server?.address ?? null,
    port: server?.port ?? null,
    url: server?.url ?? null,
    handler: monitoringHandler(() => answers),
    status: answers.readiness,
    stop() {
      stopped ??= Promise.all([disk?.stop(), server?.stop()]).then(() => {});
      return stopped;
    },
  };
}
