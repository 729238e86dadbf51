// Asks the engine for stats of many containers, few at a time. One request a sample, not one stream a container: an
// engine sends to each stream once a second, and both sides pay for what nobody wants (docs: README, *Cost*).
import type { DockerClient } from '../docker-client.ts';
import { readSample, type Sample } from './sample.ts';

/** How often it is looked whose turn it is, in milliseconds. */
const TICK = 250;
/** A container is first asked about so long after it was added: most that end at once are never asked about. */
const FIRST_AFTER = 1_000;
/** An answer that takes longer is given up, in milliseconds. Some engines take up to two seconds by design. */
const ANSWER_TIMEOUT = 20_000;

export interface SamplerOptions {
  readonly docker: Pick<DockerClient, 'getContainer'>;
  readonly sampleInterval: number;
  readonly samplesPerSecond: number;
  readonly samplesInFlight: number;
  /** Default `ANSWER_TIMEOUT`. */
  readonly answerTimeout?: number;
  /** Takes a sample; answers whether the container is worth a look before others. */
  readonly take: (id: string, sample: Sample) => boolean;
  /** Told once, and again after a sample succeeded. */
  readonly warn: (warning: Error) => void;
  readonly now: () => number;
}

interface Turn {
  due: number;
  first: boolean;
  busy: boolean;
}

export class Sampler {
  readonly #options: SamplerOptions;
  readonly #turns = new Map<string, Turn>();
  #timer: NodeJS.Timeout | undefined;
  /** Samples that may be asked for now: a bucket that fills at the rate allowed, and holds those of one second. */
  #allowance = 0;
  #filledAt: number;
  #inFlight = 0;
  #firstCame = false;
  #samples = 0;
  #failed = 0;
  #failing = false;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#filledAt = options.now();
  }

  get samples(): number {
    return this.#samples;
  }

  get failed(): number {
    return this.#failed;
  }

  add(id: string): void {
    const due = this.#options.now() + Math.min(FIRST_AFTER, this.#options.sampleInterval);
    this.#turns.set(id, { due, first: false, busy: false });
    // Never what keeps a process alive.
    this.#timer ??= setInterval(() => this.#tick(), TICK).unref();
  }

  remove(id: string): void {
    this.#turns.delete(id);
    if (this.#turns.size === 0) this.stop();
  }

  /** Answers under way are not taken any more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#turns.clear();
  }

  #tick(): void {
    const { now, samplesPerSecond, samplesInFlight } = this.#options;
    const time = now();
    const filled = this.#allowance + ((time - this.#filledAt) / 1_000) * samplesPerSecond;
    this.#allowance = Math.min(filled, Math.max(1, samplesPerSecond));
    this.#filledAt = time;
    const room = Math.min(Math.floor(this.#allowance), samplesInFlight - this.#inFlight);
    if (room <= 0) return;
    for (const [id, turn] of this.#next(room, time)) void this.#sample(id, turn);
  }

  /** Those over a limit first, but every second one is whose turn it has been for longest: nobody is forgotten. */
  #next(room: number, time: number): [string, Turn][] {
    const due = [...this.#turns].filter(([, turn]) => !turn.busy && turn.due <= time);
    due.sort(([, a], [, b]) => a.due - b.due);
    const chosen: [string, Turn][] = [];
    while (chosen.length < room && due.length > 0) {
      this.#firstCame = !this.#firstCame;
      const at = this.#firstCame ? due.findIndex(([, { first }]) => first) : 0;
      chosen.push(...due.splice(Math.max(0, at), 1));
    }
    return chosen;
  }

  async #sample(id: string, turn: Turn): Promise<void> {
    const { docker, sampleInterval, answerTimeout = ANSWER_TIMEOUT, now, take } = this.#options;
    this.#allowance--;
    this.#inFlight++;
    turn.busy = true;
    turn.due = now() + sampleInterval;
    try {
      const options = {
        stream: false,
        'one-shot': true,
        abortSignal: AbortSignal.timeout(answerTimeout),
      } as const;
      const sample = readSample(await docker.getContainer(id).stats(options));
      this.#samples++;
      this.#failing = false;
      if (sample !== undefined && this.#turns.get(id) === turn) turn.first = take(id, sample);
    } catch (error) {
      this.#fail(id, turn, error);
    } finally {
      this.#inFlight--;
      turn.busy = false;
    }
  }

  #fail(id: string, turn: Turn, error: unknown): void {
    // It ended while it was asked about.
    if (this.#turns.get(id) !== turn || (error as { statusCode?: unknown }).statusCode === 404) return;
    this.#failed++;
    if (this.#failing) return;
    this.#failing = true;
    const why = error instanceof Error ? error.message.trim() : String(error);
    this.#options.warn(new Error(`Resources of containers cannot be read: ${why}`, { cause: error }));
  }
}
