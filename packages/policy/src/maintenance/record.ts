// One job as maintenance keeps it: what is known of its runs, and when the next is due.
import { formatTime } from '@audit/core/internal';
import type { JobResult, JobStatus, MaintenanceJob } from './job.ts';
import { checkSchedule, dueAt, type Retry } from './schedule.ts';
import type { KeptJob } from './state-file.ts';

const NAME = /^[a-z][a-z0-9-]*$/;
/** Jitter is at most this share of an interval. */
const JITTER_SHARE = 0.1;

export class JobRecord {
  readonly job: MaintenanceJob;
  readonly #retry: Retry;
  readonly #jitter: number;
  #kept: KeptJob;
  #delay: number;
  running: Promise<void> | null = null;
  /** Runs of this process that ended, by how. */
  readonly ended = { success: 0, failure: 0 };

  /** @throws RangeError naming what is wrong with the job */
  constructor(job: MaintenanceJob, kept: KeptJob | undefined, now: number, retry: Retry, jitter: number) {
    if (!NAME.test(job.name))
      throw new RangeError(`name must be lower-case words with hyphens, got ${job.name}`);
    checkSchedule(job.schedule);
    this.job = job;
    this.#retry = retry;
    this.#jitter = 'every' in job.schedule ? Math.min(jitter, job.schedule.every * JITTER_SHARE) : jitter;
    this.#kept = kept ?? {
      ...{ since: now, succeededAt: null, failedAt: null },
      ...{ failures: 0, error: null, result: null },
    };
    this.#delay = Math.random() * this.#jitter;
  }

  get kept(): KeptJob {
    return this.#kept;
  }

  dueAt(now: number): number {
    return dueAt(this.job.schedule, this.#kept, this.#retry, now);
  }

  /** When it is to begin: some time after it is due, so that not all logs of a fleet begin at once. */
  startsAt(now: number): number {
    return this.dueAt(now) + this.#delay;
  }

  succeeded(began: number, result: JobResult | null): void {
    this.#kept = {
      ...{ since: this.#kept.since, succeededAt: began, failedAt: null },
      ...{ failures: 0, error: null, result },
    };
    this.ended.success++;
    this.#delay = Math.random() * this.#jitter;
  }

  failed(now: number, error: Error): void {
    const failures = this.#kept.failures + 1;
    this.#kept = { ...this.#kept, failedAt: now, failures, error: error.message };
    this.ended.failure++;
    this.#delay = Math.random() * this.#jitter;
  }

  status(now: number): JobStatus {
    const { succeededAt, failures, error, result } = this.#kept;
    return {
      name: this.job.name,
      running: this.running !== null,
      dueAt: formatTime(this.dueAt(now)),
      succeededAt: succeededAt === null ? null : formatTime(succeededAt),
      ...{ failures, error, result },
    };
  }
}
