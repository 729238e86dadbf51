// A job of maintenance, and what is known of it. Types only.
import type { Check } from '../monitoring/check.ts';
import type { Metric } from '../monitoring/metric.ts';
import type { Schedule } from './schedule.ts';

/** What a job keeps from one run to the next: JSON. */
export type JobResult = Readonly<Record<string, unknown>>;

export interface MaintenanceJob {
  /** Of its own kind: `verify`, `prune`, … Lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly schedule: Schedule;
  /**
   * Does the work; rejects where it failed. What it resolves with, null for nothing, is kept over restarts and is `last` of
   * the next run. It may be killed at any moment, and is then run again: what it did so far must be fit for that.
   *
   * @param signal aborted when maintenance is stopped
   */
  run(signal: AbortSignal, last: JobResult | null): Promise<JobResult | null>;
  /** What its last result says of the log, for readiness. */
  checks?(last: JobResult | null): readonly Check[];
  /** The same for metrics; `now` in milliseconds since the epoch. */
  metrics?(last: JobResult | null, now: number): readonly Metric[];
}

/** Where a job stands. */
export interface JobStatus {
  readonly name: string;
  readonly running: boolean;
  /** When the next run is due, before jitter: RFC 3339. */
  readonly dueAt: string;
  /** When the last run that succeeded began; null before the first. */
  readonly succeededAt: string | null;
  /** Runs that failed since. */
  readonly failures: number;
  /** Why the last of these failed; null where none did. */
  readonly error: string | null;
  /** What the last run that succeeded came to; null where it said nothing. */
  readonly result: JobResult | null;
}

/** A run has ended. */
export interface JobRun {
  readonly name: string;
  /** Milliseconds. */
  readonly duration: number;
  readonly result: JobResult | null;
  /** Null where it succeeded. */
  readonly error: Error | null;
}
