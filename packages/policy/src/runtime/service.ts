// What runs beside a log because its policy says so: alerting, monitoring, maintenance. Types only.
import type { AuditLog } from '@audit/core';
import type { Policy } from '../parse.ts';

/** What a service is given. */
export interface ServiceContext {
  readonly log: AuditLog;
  /** As it stands when the service starts. */
  readonly policy: Policy;
  /** The private side of the log, for what a service keeps; undefined for a log in memory. */
  readonly stateDirectory: string | undefined;
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
