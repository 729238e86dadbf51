// Runs the jobs of a log when they are due: no cron, nothing twice at a time, and what was missed is caught up.
import { type AuditLog, type Clock, systemError } from '@audit/core';
import { formatTime } from '@audit/core/internal';
import type { Check, MonitoringSource } from '../monitoring/check.ts';
import { tellQuietly } from '../monitoring/listener.ts';
import { counter, gauge, type Metric } from '../monitoring/metric.ts';
import type { JobResult, JobRun, JobStatus, MaintenanceJob } from './job.ts';
import { JobRecord } from './record.ts';
import { StateFile } from './state-file.ts';

/** A run begins up to so much later than it is due, at random, in milliseconds; at most a tenth of its interval. */
export const DEFAULT_JITTER = 60_000;
/** A run that failed is tried again after so long, in milliseconds, and then after twice as long each time … */
export const DEFAULT_RETRY_MIN = 60_000;
/** … up to this. */
export const DEFAULT_RETRY_MAX = 3_600_000;

/** Timers lose time while a machine sleeps, and the clock may be set: the schedule is looked at this often. */
const LONGEST_SLEEP = 60_000;

export interface MaintenanceOptions {
  readonly log: AuditLog;
  readonly jobs: readonly MaintenanceJob[];
  /** Private side of the log, where what is known of the runs is kept. Default: `<directory>.private`. */
  readonly stateDirectory?: string | undefined;
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'now'> | undefined;
  readonly jitter?: number | undefined;
  readonly retryMin?: number | undefined;
  readonly retryMax?: number | undefined;
  /** Told of each run that ended. */
  readonly onRun?: ((run: JobRun) => void) | undefined;
}

/** Maintenance that runs; a source for `startMonitoring`. */
export interface Maintenance extends MonitoringSource {
  checks(): readonly Check[];
  metrics(): readonly Metric[];
  status(): readonly JobStatus[];
  /**
   * Runs a job now, or joins the run that is under way; resolves once it has ended, however it did.
   * @throws RangeError where there is no such job
   */
  runNow(name: string): Promise<JobStatus>;
  /** Begins no more runs, aborts the one under way and waits until it has ended. Idempotent. Before `log.close()`. */
  stop(): Promise<void>;
}

/** Logs that are maintained. */
const maintained = new WeakSet<AuditLog>();

/**
 * Starts to run the jobs of a log that this process has open. A log in a directory has one writer, held by the kernel's
 * lock: so there is one maintenance, too, without a lock of its own, and where its process dies the next writer goes on
 * with what was kept. It never keeps the process alive.
 *
 * Runs take turns. One that is killed is not counted, and is run again.
 *
 * @throws TypeError, RangeError naming what is wrong with the options
 * @throws PolicyError `MAINTENANCE_STATE`
 */
export async function startMaintenance(options: MaintenanceOptions): Promise<Maintenance> {
  const { log, jobs, clock = Date, jitter = DEFAULT_JITTER } = options;
  const retry = { min: options.retryMin ?? DEFAULT_RETRY_MIN, max: options.retryMax ?? DEFAULT_RETRY_MAX };
  const names = jobs.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RangeError(`jobs: there are two of the name ${twice}`);
  if (maintained.has(log))
    throw new TypeError('log is maintained already: stop that, or give it all jobs at once');
  maintained.add(log);
  try {
    const state = new StateFile(options.stateDirectory ?? `${log.info().location}.private`, log.origin);
    const kept = await state.read();
    const now = clock.now();
    const records = jobs.map((job) => new JobRecord(job, kept.get(job.name), now, retry, jitter));
    const runner = new Runner(options, records, state);
    await runner.keep();
    runner.wake();
    return runner;
  } catch (error) {
    maintained.delete(log);
    throw error;
  }
}

class Runner implements Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #records: readonly JobRecord[];
  readonly #state: StateFile;
  readonly #stopping = new AbortController();
  readonly #wanted = new Set<JobRecord>();
  #current: JobRecord | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;
  /** Why the file could not be written last. */
  #unkept: Error | null = null;

  constructor(options: MaintenanceOptions, records: readonly JobRecord[], state: StateFile) {
    this.#options = options;
    this.#records = records;
    this.#state = state;
  }

  status(): readonly JobStatus[] {
    return this.#records.map((record) => record.status(this.#now()));
  }

  async runNow(name: string): Promise<JobStatus> {
    const record = this.#records.find(({ job }) => job.name === name);
    if (record === undefined) {
      const names = this.#records.map(({ job }) => job.name).join(', ');
      throw new RangeError(`name: there is no job ${name}; there are ${names}`);
    }
    if (record.running === null) {
      this.#wanted.add(record);
      // Whatever runs now ends first.
      while (this.#wanted.has(record) && this.#stopped === undefined) {
        this.wake();
        await this.#current?.running;
      }
    }
    await record.running;
    return record.status(this.#now());
  }

  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      clearTimeout(this.#timer);
      this.#stopping.abort(new Error('Maintenance was stopped.'));
      await this.#current?.running;
      maintained.delete(this.#options.log);
    })();
    return this.#stopped;
  }

  checks(): readonly Check[] {
    const unkept = this.#unkept === null ? [] : [`What was done cannot be kept (${this.#unkept.message}).`];
    const failing = this.#records.flatMap(({ job, kept: { failures, error } }) =>
      failures === 0 ? [] : [`${job.name} failed ${failures} times in a row (${error}); it is tried again.`],
    );
    const reasons = [...failing, ...unkept];
    return [
      { name: 'maintenance', status: reasons.length === 0 ? 'ok' : 'degraded', reasons },
      ...this.#records.flatMap(({ job, kept }) => job.checks?.(kept.result) ?? []),
    ];
  }

  metrics(): readonly Metric[] {
    const now = this.#now();
    const labelled = (value: (record: JobRecord) => number) =>
      this.#records.map((record) => ({ labels: { job: record.job.name }, value: value(record) }));
    return [
      counter(
        'audit_maintenance_runs_total',
        'Runs of maintenance that ended since the start, by job and outcome.',
        this.#records.flatMap(({ job: { name: job }, ended }) =>
          (['success', 'failure'] as const).map((outcome) => ({
            labels: { job, outcome },
            value: ended[outcome],
          })),
        ),
      ),
      gauge(
        'audit_maintenance_running',
        'Whether the job is running: 1 or 0.',
        labelled(({ running }) => Number(running !== null)),
      ),
      gauge(
        'audit_maintenance_last_success_age_seconds',
        'Seconds since the last run that succeeded began.',
        this.#records.flatMap(({ job, kept: { succeededAt } }) =>
          succeededAt === null ? [] : [{ labels: { job: job.name }, value: (now - succeededAt) / 1_000 }],
        ),
      ),
      ...this.#records.flatMap(({ job, kept }) => job.metrics?.(kept.result, now) ?? []),
    ];
  }

  /** Writes down what is known. A file that cannot be written costs at most a run too many after the next start. */
  async keep(): Promise<void> {
    try {
      await this.#state.write(new Map(this.#records.map(({ job, kept }) => [job.name, kept])));
      this.#unkept = null;
    } catch (error) {
      this.#unkept = error as Error;
    }
  }

  /** Begins what is due, or sleeps until something is. */
  wake(): void {
    if (this.#stopped !== undefined || this.#current !== null) return;
    clearTimeout(this.#timer);
    const now = this.#now();
    const next = this.#next(now);
    if (next === undefined) return;
    const wait = this.#wanted.has(next) ? 0 : next.startsAt(now) - now;
    if (wait <= 0 && isOpen(this.#options.log)) {
      this.#wanted.delete(next);
      this.#current = next;
      next.running = this.#run(next).finally(() => {
        next.running = null;
        this.#current = null;
        this.wake();
      });
      return;
    }
    // Of a log that is closed there is nothing to maintain.
    this.#wanted.clear();
    const sleep = wait <= 0 ? LONGEST_SLEEP : Math.min(Math.ceil(wait), LONGEST_SLEEP);
    this.#timer = setTimeout(() => this.wake(), sleep);
    this.#timer.unref();
  }

  #next(now: number): JobRecord | undefined {
    const [wanted] = this.#wanted;
    if (wanted !== undefined) return wanted;
    return [...this.#records].sort((a, b) => a.startsAt(now) - b.startsAt(now))[0];
  }

  async #run(record: JobRecord): Promise<void> {
    const { job, kept } = record;
    const { signal } = this.#stopping;
    const began = this.#now();
    const started = performance.now();
    let result: JobResult | null = null;
    let error: Error | null = null;
    try {
      // In a later turn of the event loop, so that a job that throws at once is no different.
      await null;
      result = (await job.run(signal, kept.result)) ?? null;
      // What cannot be kept must not be found out when everything is written.
      if (result !== null) result = JSON.parse(JSON.stringify(result)) as JobResult;
    } catch (reason) {
      error = reason instanceof Error ? reason : new Error(String(reason));
    }
    // It may have ended because it was told to: not done, and not failed.
    if (error !== null && signal.aborted) return;
    if (error === null) record.succeeded(began, result);
    else record.failed(this.#now(), error);
    await this.keep();
    if (error !== null) this.#tellFailure(record, error);
    const { name } = job;
    tellQuietly(this.#options.onRun, { name, duration: performance.now() - started, result, error });
  }

  #tellFailure(record: JobRecord, error: Error): void {
    const now = this.#now();
    const { job, kept } = record;
    this.#options.log.emit(
      systemError({
        ...{ system: 'maintenance', operation: job.name, error },
        data: { failures: kept.failures, nextRun: formatTime(record.dueAt(now)) },
      }),
    );
  }

  #now(): number {
    return (this.#options.clock ?? Date).now();
  }
}

function isOpen(log: AuditLog): boolean {
  const { status } = log.health();
  return status === 'ok' || status === 'degraded';
}
