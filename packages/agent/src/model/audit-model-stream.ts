// One call of a model that answers chunk by chunk, on record once the last has come, or nobody wants more.
import { AuditAgentError } from '../errors.ts';
import { Recording } from '../recording.ts';
import { readBy } from './audit-model-call.ts';
import { CallTold, type Course } from './event.ts';
import { checkModelCall, type ModelCallOptions } from './options.ts';
import { outcomeOf } from './outcome.ts';
import { ShapeReader } from './read-answer.ts';

/** Chunks a reader of the application's own is given at most. */
const MOST_CHUNKS = 1_024;

/**
 * Calls a model by `fn` when the first chunk is asked for, hands on every chunk as it is, and records it all as one
 * `model.inference`. A stream that is left early (`break`, `return`) is on record as aborted, with what had come until then;
 * one whose chunks are neither read to the end nor left is not over, and so not on record: there strict helps.
 *
 * @throws what `fn` and the stream throw; AuditAgentError `NOT_RECORDED`; TypeError, RangeError naming the option, at once
 */
export function auditModelStream<C>(
  fn: () => AsyncIterable<C> | PromiseLike<AsyncIterable<C>>,
  options: ModelCallOptions,
): AsyncGenerator<C, void, undefined> {
  if (typeof fn !== 'function') throw new TypeError('auditModelStream takes a function that calls the model');
  checkModelCall(options);
  // The context is that of the caller, not of whoever reads.
  return new StreamedCall<C>(options, new Recording(options)).chunks(fn);
}

class StreamedCall<C> {
  readonly #told: CallTold;
  readonly #recording: Recording;
  readonly #read: ModelCallOptions['read'];
  readonly #shape = new ShapeReader();
  readonly #last: C[] = [];
  #chunks = 0;
  #firstChunkMs: number | undefined;

  constructor(options: ModelCallOptions, recording: Recording) {
    this.#told = new CallTold(options, checkModelCall(options));
    this.#recording = recording;
    this.#read = options.read;
  }

  async *chunks(
    fn: () => AsyncIterable<C> | PromiseLike<AsyncIterable<C>>,
  ): AsyncGenerator<C, void, undefined> {
    await this.#recording.begin(this.#told.started());
    let over = false;
    try {
      for await (const chunk of await fn()) {
        this.#take(chunk);
        yield chunk;
      }
      over = true;
      const { error } = this.#answer();
      await this.#end(error === undefined ? { outcome: 'success' } : { outcome: 'failure', error });
    } catch (error) {
      const notRecorded = error instanceof AuditAgentError && error.code === 'NOT_RECORDED' && over;
      over = true;
      if (!notRecorded) await this.#end({ outcome: outcomeOf(error), error });
      throw error;
    } finally {
      // Left by whoever read it; the source has heard of it by now.
      if (!over) await this.#end({ outcome: 'aborted' });
    }
  }

  #take(chunk: C): void {
    this.#firstChunkMs ??= this.#recording.durationMs;
    this.#chunks++;
    if (this.#read === undefined) this.#shape.take(chunk);
    else {
      this.#last.push(chunk);
      if (this.#last.length > MOST_CHUNKS) this.#last.shift();
    }
  }

  #answer() {
    return this.#read === undefined ? this.#shape.answer() : readBy(this.#read, this.#last);
  }

  #end(how: Pick<Course, 'outcome' | 'error'>): Promise<void> {
    const answer = this.#answer();
    const { durationMs } = this.#recording;
    const course = { answer, durationMs, chunks: this.#chunks, firstChunkMs: this.#firstChunkMs, ...how };
    return this.#recording.end(this.#told.finished(course), answer);
  }
}
