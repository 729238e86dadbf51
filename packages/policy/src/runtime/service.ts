// What runs beside a log because its policy says so: alerting, monitoring, maintenance. Types only.
import type { AuditLog, VerifyReport } from '@audit/core';
import type { MonitoringSource } from '../monitoring/check.ts';
import type { MonitoringHandler } from '../monitoring/handler.ts';
import type { Policy } from '../parse.ts';

/** What a service is given, and what services tell each other in the order they start. */
export interface ServiceContext {
  readonly log: AuditLog;
  /** As it stands when the service starts. */
  readonly policy: Policy;
  /** The private side of the log, for what a service keeps; undefined for a log in memory. */
  readonly stateDirectory: string | undefined;
  /** Where the log would spool; undefined for a log in memory without a place for it. */
  readonly spoolDirectory: string | undefined;
  /** Whether to listen where `monitoring` says. */
  readonly listen: boolean;
  /** Told of each verification that found something. */
  readonly onFinding: ((report: VerifyReport) => void)[];
  /** Whoever has something to say of health and metrics. */
  readonly sources: MonitoringSource[];
  /** Answers for health and metrics in a server of the application's. */
  handler?: MonitoringHandler;
}

/** A service that runs. */
export interface RunningService {
  /** What it says of itself, as plain data; under its name in `GovernedLog.status()`. */
  status(): unknown;
  /** Takes over its sections of another policy. Left out: they wait for a restart. */
  reload?(policy: Policy): void | Promise<void>;
  /** Lets go of timers and sockets, and hands over what still is to be recorded. The log is open until all have stopped. */
  stop(): Promise<void>;
}

/** A service of the policy. */
export interface PolicyService {
  readonly name: string;
  /** The sections of the policy it acts on: those a reload hands to it. */
  readonly sections: readonly string[];
  /** @returns null where the policy gives it nothing to do */
  start(context: ServiceContext): Promise<RunningService | null> | RunningService | null;
}
