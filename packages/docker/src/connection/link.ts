// Keeps the event stream open: connects, and connects again whenever it ends, however it ends.
import type { DockerClient } from '../docker-client.ts';
import type { EngineMessage } from '../stream/message.ts';
import { BackOff, SETTLED_AFTER } from './back-off.ts';
import { type IdentifiedEngine, identify } from './engine.ts';
import { type OpenStream, openStream } from './event-stream.ts';

export interface LinkHooks {
  /** The engine answers. Gives back from when on its messages are wanted. */
  readonly identified: (engine: IdentifiedEngine) => Promise<string>;
  /** The stream is about to open; what it brings carries this number. */
  readonly opening: (generation: number) => void;
  readonly opened: (generation: number) => void;
  readonly message: (message: EngineMessage, generation: number) => void;
  readonly unreadable: (generation: number) => void;
  readonly closed: (reason: string, retryInMs: number) => void;
}

export interface LinkOptions {
  readonly docker: DockerClient;
  readonly engine: string | null;
  readonly answerTimeout: number;
  readonly retryMin: number;
  readonly retryMax: number;
  readonly hooks: LinkHooks;
}

export class Link {
  readonly #options: LinkOptions;
  readonly #backOff: BackOff;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #stream: OpenStream | null = null;
  #wake: (() => void) | null = null;
  #resetReason: string | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.retryMin, options.retryMax);
    this.#running = this.#run();
  }

  /** Closes the stream of this generation, to open another: it is not what it should be. */
  reset(reason: string): void {
    this.#resetReason = reason;
    this.#stream?.close();
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#stream?.close();
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let generation = 1; !this.#stopping.signal.aborted; generation++) {
      const reason = await this.#once(generation);
      if (this.#stopping.signal.aborted) return;
      const delay = this.#backOff.delay();
      this.#options.hooks.closed(reason, delay);
      await this.#sleep(delay);
    }
  }

  /** One connection from its beginning to its end. Never rejects. */
  async #once(generation: number): Promise<string> {
    const { docker, engine: name, answerTimeout, hooks } = this.#options;
    const patience = { timeout: answerTimeout, stopped: this.#stopping.signal };
    this.#resetReason = null;
    try {
      const since = await hooks.identified(await identify(docker, name, patience));
      if (this.#stopping.signal.aborted) return 'The watch was stopped.';
      hooks.opening(generation);
      const stream = await openStream(docker, { since }, patience, {
        message: (message) => hooks.message(message, generation),
        unreadable: () => hooks.unreadable(generation),
      });
      const openedAt = performance.now();
      this.#stream = stream;
      // It may have been reset before there was a stream to close.
      if (this.#stopping.signal.aborted || this.#resetReason !== null) stream.close();
      else hooks.opened(generation);
      const { reason } = await stream.ended;
      if (performance.now() - openedAt >= SETTLED_AFTER) this.#backOff.reset();
      return this.#resetReason ?? reason;
    } catch (error) {
      return `The engine was not reached: ${(error as Error).message}`;
    } finally {
      this.#stream = null;
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
