// Segments shared out to worker threads: each scans ahead of the thread that folds the tree, in the order of the log.
import { Worker } from 'node:worker_threads';
import { nodeHasher } from '../../merkle/node-hasher.ts';
import { type ScanPart, type ScanRequest, type ScanSegment, scanSegment } from '../../verify/scan.ts';
import type { SegmentSource } from '../../verify/source.ts';
import type { WorkerAnswer, WorkerRequest } from './verify-worker.ts';

/** Built, it lies beside this file. Run from source there is none: node does not load TypeScript into workers. */
const WORKER_FILE = import.meta.url.endsWith('.ts') ? null : new URL('./verify-worker.js', import.meta.url);

/** One segment to be scanned. */
interface Job {
  readonly id: number;
  readonly segment: SegmentSource;
  readonly request: ScanRequest;
  /** Parts that came and were not taken yet; an Error in the place of what will not come. */
  readonly arrived: (ScanPart | Error)[];
  /** Called when something arrives. */
  wake: () => void;
  /** Where the worker that had it is gone before its first part: it is scanned in this thread. */
  abandoned: boolean;
  taken: boolean;
}

export class ScanPool {
  readonly #workers = new Set<Worker>();
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, Job>();
  readonly #jobs: Job[] = [];
  #waiting: Job[] = [];
  /** Jobs whose last part was taken: no worker runs further ahead of them than there are workers. */
  #finished = 0;
  readonly #ahead: number;

  /** Null where there is nothing to be gained or no worker file. */
  static start(directory: string, workers: number): ScanPool | null {
    return workers === 0 || WORKER_FILE === null ? null : new ScanPool(directory, workers, WORKER_FILE);
  }

  private constructor(directory: string, workers: number, file: URL) {
    this.#ahead = workers + 1;
    for (let i = 0; i < workers; i++) {
      const worker = new Worker(file, { workerData: { directory }, execArgv: [] });
      worker.on('message', (answer: WorkerAnswer) => this.#answer(worker, answer));
      worker.on('error', (error) => this.#lose(worker, error));
      worker.on('exit', () => this.#lose(worker, new Error('A verification thread ended early.')));
      this.#workers.add(worker);
      this.#idle.push(worker);
    }
  }

  /** Queues the segment at once, so that it is scanned ahead; yields what the worker posts. */
  readonly scan: ScanSegment = (segment, request) => {
    const job: Job = {
      id: this.#jobs.length,
      segment,
      request,
      arrived: [],
      wake: () => {},
      abandoned: false,
      taken: false,
    };
    this.#jobs.push(job);
    this.#waiting.push(job);
    this.#assign();
    return this.#take(job);
  };

  async close(): Promise<void> {
    const workers = [...this.#workers];
    this.#workers.clear();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  async *#take(job: Job): AsyncGenerator<ScanPart> {
    try {
      for (;;) {
        if (job.abandoned) {
          yield* scanSegment(job.segment, job.request, nodeHasher);
          return;
        }
        const next = job.arrived.shift();
        if (next instanceof Error) throw next;
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            job.wake = resolve;
          });
          continue;
        }
        job.taken = true;
        yield next;
        if (next.kind === 'end') return;
      }
    } finally {
      this.#finish(job);
    }
  }

  /** The reader is through with a job, or has had enough of it. */
  #finish(job: Job): void {
    this.#finished++;
    this.#waiting = this.#waiting.filter((one) => one !== job);
    for (const [worker, running] of this.#running) {
      if (running !== job) continue;
      worker.postMessage({ cancel: job.id } satisfies WorkerRequest);
      this.#release(worker);
    }
    this.#assign();
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const job = this.#waiting[0]!;
      if (this.#workers.size === 0) {
        // Not one thread could be started, or none is left.
        this.#waiting.shift();
        job.abandoned = true;
        job.wake();
        continue;
      }
      const worker = this.#idle.pop();
      if (worker === undefined) return;
      if (job.id >= this.#finished + this.#ahead) {
        this.#idle.push(worker);
        return;
      }
      this.#waiting.shift();
      this.#running.set(worker, job);
      const message: WorkerRequest = { job: job.id, first: job.segment.first, request: job.request };
      worker.postMessage(message);
    }
  }

  #answer(worker: Worker, answer: WorkerAnswer): void {
    const job = this.#running.get(worker);
    // What was posted before a cancel arrived.
    if (job?.id !== answer.job) return;
    const arrived = 'part' in answer ? answer.part : asError(answer.error);
    job.arrived.push(arrived);
    job.wake();
    if (arrived instanceof Error || arrived.kind === 'end') {
      this.#release(worker);
      this.#assign();
    }
  }

  #release(worker: Worker): void {
    this.#running.delete(worker);
    if (this.#workers.has(worker)) this.#idle.push(worker);
  }

  #lose(worker: Worker, error: Error): void {
    if (!this.#workers.delete(worker)) return;
    const at = this.#idle.indexOf(worker);
    if (at !== -1) this.#idle.splice(at, 1);
    const job = this.#running.get(worker);
    this.#running.delete(worker);
    if (job !== undefined) {
      if (!job.taken && job.arrived.length === 0) job.abandoned = true;
      else job.arrived.push(error);
      job.wake();
    }
    this.#assign();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
