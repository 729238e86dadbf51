// What is kept of the jobs of a log between its runs: maintenance.json in the log's private side.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk, replaceFile } from '@audit/core/internal';
import { PolicyError } from '../problem.ts';
import type { JobResult } from './job.ts';
import type { Runs } from './schedule.ts';

export const STATE_FILE = 'maintenance.json';

/** One job: all that must outlive the process. */
export interface KeptJob extends Runs {
  readonly error: string | null;
  readonly result: JobResult | null;
}

export type KeptJobs = ReadonlyMap<string, KeptJob>;

/** The file, whole at any moment: it is replaced (temporary file, sync, rename), never written into. */
export class StateFile {
  readonly #path: string;
  readonly #origin: string;

  constructor(directory: string, origin: string) {
    this.#path = join(directory, STATE_FILE);
    this.#origin = origin;
  }

  /**
   * Nothing where there is none, or none that can be read as such: then jobs are run once more, which is no harm.
   *
   * @throws PolicyError `MAINTENANCE_STATE` where it belongs to another log
   */
  async read(): Promise<KeptJobs> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
      throw new PolicyError(
        'MAINTENANCE_STATE',
        `${this.#path} cannot be read: ${(error as Error).message}.`,
        [],
        {
          cause: error,
        },
      );
    }
    const state = parsed(text);
    if (state === null) return new Map();
    if (state.origin !== this.#origin) {
      throw new PolicyError(
        'MAINTENANCE_STATE',
        `${this.#path} belongs to the log ${state.origin}, not to ${this.#origin}: give each log a stateDirectory of its own.`,
      );
    }
    return new Map(Object.entries(state.jobs).filter(([, job]) => isKept(job)) as [string, KeptJob][]);
  }

  write(jobs: KeptJobs): Promise<void> {
    const state = { origin: this.#origin, jobs: Object.fromEntries(jobs) };
    return replaceFile(nodeDisk, this.#path, `${JSON.stringify(state, null, 2)}\n`);
  }
}

function parsed(text: string): { readonly origin: string; readonly jobs: object } | null {
  try {
    const state = JSON.parse(text);
    const { origin, jobs } = state ?? {};
    return typeof origin === 'string' && typeof jobs === 'object' && jobs !== null ? { origin, jobs } : null;
  } catch {
    return null;
  }
}

function isKept(job: Partial<KeptJob> | null): boolean {
  const isTime = (value: unknown) => Number.isFinite(value);
  return (
    typeof job === 'object' &&
    job !== null &&
    isTime(job.since) &&
    (job.succeededAt === null || isTime(job.succeededAt)) &&
    (job.failedAt === null || isTime(job.failedAt)) &&
    Number.isSafeInteger(job.failures) &&
    (job.failures as number) >= 0 &&
    (job.error === null || typeof job.error === 'string') &&
    typeof job.result === 'object'
  );
}
