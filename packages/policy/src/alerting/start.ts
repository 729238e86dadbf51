// Starts alerting: options checked, what was known before read, the rest handed to the service.
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AuditLog, Clock, VerifyReport } from '@audit/core';
import { readJournal } from './journal.ts';
import type { AlertingPolicy } from './options.ts';
import { AlertingService } from './service.ts';
import type { AlertingStatus } from './status.ts';

export interface AlertingOptions {
  /** Closed by whoever opened it, after `stop()`. */
  readonly log: AuditLog;
  readonly alerting: AlertingPolicy;
  /** The private side of the log: alerts are kept in its `alerts/` until they are delivered. */
  readonly stateDirectory: string;
  /** Default: the clock of the machine. */
  readonly clock?: Clock;
}

/** Alerting that runs. */
export interface Alerting {
  /** For whoever verifies the log: a report that is not `intact` fires the rules about `integrity`. */
  report(report: VerifyReport): void;
  status(): AlertingStatus;
  /**
   * Waits for attempts on their way; what is not delivered is kept for the next start. Call it before the log is
   * closed. Idempotent.
   */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Begins to look at every entry from where it was left, or from now on where it never began. Resolves once that place
 * is on disk: whatever is acknowledged afterwards is looked at, if need be after a crash.
 *
 * @throws TypeError, RangeError naming what of `alerting` cannot be; Error where `stateDirectory` is another log's, or alerting runs on it already
 */
export async function startAlerting(options: AlertingOptions): Promise<Alerting> {
  const { alerting, stateDirectory } = options;
  checkNames(alerting);
  const place = resolve(stateDirectory);
  if (RUNNING.has(place)) {
    throw new Error(
      `Alerting runs on ${place} already: stop that first, or give it a stateDirectory of its own.`,
    );
  }
  RUNNING.add(place);
  try {
    return await begin(options, () => RUNNING.delete(place));
  } catch (error) {
    RUNNING.delete(place);
    throw error;
  }
}

/** Private sides that alerting of this process runs on: two would overwrite what the other knows. */
const RUNNING = new Set<string>();

async function begin(options: AlertingOptions, ended: () => void): Promise<Alerting> {
  const { log, alerting, stateDirectory, clock } = options;
  const found = await readJournal(stateDirectory);
  const { rules = {}, channels = {} } = alerting;
  const isNothing = Object.keys({ ...rules, ...channels }).length === 0 && found.records.length === 0;
  if (isNothing) {
    ended();
    return nothing();
  }
  const now = () => (clock === undefined ? Date.now() : clock.now());
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const service = new AlertingService({ log, alerting, stateDirectory, now, found });
  await service.start();
  const stop = () => service.stop().finally(ended);
  return {
    report: (report) => service.report(report),
    status: () => service.status(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Without rules and channels nothing is looked at, and nothing written. */
function nothing(): Alerting {
  const counts = { behind: 0, skipped: 0, outbox: 0, dropped: 0, unrecorded: 0 };
  return {
    report() {},
    status: () => ({ rules: {}, channels: {}, ...counts, problems: [] }),
    async stop() {},
    async [Symbol.asyncDispose]() {},
  };
}

/** An alert for a channel that is mistyped would reach nobody. */
function checkNames({ rules = {}, channels = {} }: AlertingPolicy): void {
  for (const [name, rule] of Object.entries(rules)) {
    for (const channel of rule.channels ?? []) {
      if (Object.hasOwn(channels, channel)) continue;
      const there = Object.keys(channels).join(', ') || 'none';
      throw new RangeError(
        `alerting.rules.${name}.channels: there is no channel ${channel}, there are: ${there}`,
      );
    }
  }
}
