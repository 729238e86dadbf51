// Asks the engine, beside its event stream, for what it has of late: a stream can be silent, or bring less than it should.
import type { EngineMessage } from './stream/message.ts';

export interface ProbeHooks {
  /** What the engine has since the cursor; null where it does not answer. */
  past(): Promise<readonly EngineMessage[] | null>;
  /** The newest connection. */
  generation(): number;
  /** Takes what the engine has into the queue; false where it does not go on from what was handled on this connection. */
  found(past: readonly EngineMessage[], generation: number): Promise<boolean>;
  /** How many messages so far came by a probe only. */
  missedByStream(): number;
  /** Runs behind all that is in the queue now. */
  inTurn(run: () => Promise<void>): Promise<void>;
  /** The stream is not what it should be: a new connection is wanted. */
  reset(reason: string): void;
}

export class Probe {
  readonly #hooks: ProbeHooks;
  #running = false;
  /** `missedByStream()` when the last check was over. */
  #missedBefore = 0;
  #missedLast = false;

  constructor(hooks: ProbeHooks) {
    this.#hooks = hooks;
  }

  /** Puts what the engine has of late into the queue; false where it does not answer, or not on from what was handled. */
  async run(): Promise<boolean> {
    const generation = this.#hooks.generation();
    const past = await this.#hooks.past();
    return past !== null && (await this.#hooks.found(past, generation));
  }

  /** The same as a check of the stream, one at a time. Twice in a row it brought what the stream had not: a new one. */
  async check(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const { past, found, generation, missedByStream, inTurn, reset } = this.#hooks;
    try {
      const asked = generation();
      const messages = await past();
      if (messages === null) {
        if (asked === generation()) reset('The engine did not answer when it was asked for past events.');
        return;
      }
      if (!(await found(messages, asked))) return;
      await inTurn(async () => {
        const missed = missedByStream() > this.#missedBefore;
        if (missed && this.#missedLast) reset('The event stream brought less than the engine has.');
        this.#missedLast = missed;
        this.#missedBefore = missedByStream();
      });
    } finally {
      this.#running = false;
    }
  }
}
