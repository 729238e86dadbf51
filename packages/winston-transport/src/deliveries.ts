// Tells of records once they are durable. Imports nothing.

/** Records the log has taken, in order, until a flush has made them safe. */
export class Deliveries {
  readonly #flush: () => Promise<void>;
  readonly #deliver: (info: unknown) => void;
  #waiting: unknown[] = [];
  #running: Promise<void> | undefined;

  /** @param flush resolves once everything the log took before is durable */
  constructor(flush: () => Promise<void>, deliver: (info: unknown) => void) {
    this.#flush = flush;
    this.#deliver = deliver;
  }

  /** What waits here waits in the log's bounded queue, too: that is what bounds it. */
  add(info: unknown): void {
    this.#waiting.push(info);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing waits. */
  settled(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const infos = this.#waiting;
      this.#waiting = [];
      const durable = await this.#flush().then(
        () => true,
        () => false, // The log itself says what is wrong with it.
      );
      if (durable) for (const info of infos) this.#deliver(info);
    }
  }
}
