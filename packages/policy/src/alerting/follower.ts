// Every entry once, in order: those of before a crash, those that came meanwhile, and then each as it is committed.
import { AsyncResource } from 'node:async_hooks';
import type { AuditLog, CommittedEntry, Entry } from '@audit/core';

export interface FollowerOptions {
  readonly log: AuditLog;
  /** Sequence number of the first entry that was not looked at. */
  readonly next: number;
  /** Entries before `next` that are looked at again, and the earliest time of theirs; null for none. */
  readonly again: Date | null;
  /** Entries read at most, of either kind, before it goes on at the end of the log. */
  readonly most: number;
  readonly see: (entry: Entry, again: boolean) => void;
  /** Everything before `next` is known. */
  readonly remembered: () => void;
  /** Entries that were passed over: too many had come. */
  readonly skipped: (from: number, to: number) => void;
}

export class Follower {
  readonly #options: FollowerOptions;
  #next: number;
  /** Of the newest entry looked at. */
  #time: string | undefined;
  /** Entries come one by one as they are committed. */
  #live = false;
  #reading: Promise<void> | null = null;
  #unsubscribe: () => void = () => {};
  #stopped = false;
  #hasReadAgain = false;
  #problem: string | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#next = options.next;
  }

  /** Sequence number of the next entry to look at. */
  get next(): number {
    return this.#next;
  }

  get time(): string | undefined {
    return this.#time;
  }

  /** Entries that are committed and were not looked at. */
  get behind(): number {
    return Math.max(0, this.#options.log.info().size - this.#next);
  }

  /** Whether every committed entry was looked at, and each will be as it is committed. */
  get live(): boolean {
    return this.#live;
  }

  /** Why entries cannot be read, in a sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  start(): void {
    const committed = ({ seq, entry }: CommittedEntry): void => {
      if (this.#live && seq === this.#next) this.#see(entry);
      else if (this.#live && seq > this.#next) this.#read();
    };
    // Not in the context of the request whose event completed a batch.
    this.#unsubscribe = this.#options.log.on('entry', AsyncResource.bind(committed));
    this.#read();
  }

  /** Reads on where reading failed. */
  retry(): void {
    if (!this.#live) this.#read();
  }

  /** Looks at nothing any more: what was not looked at is, after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#live = false;
    this.#unsubscribe();
    await this.#reading;
  }

  #read(): void {
    this.#live = false;
    if (this.#stopped) return;
    this.#reading ??= this.#readAgain()
      .then(() => this.#readOn())
      .then(
        () => {
          this.#problem = undefined;
        },
        (error: Error) => {
          this.#problem = `Entries from ${this.#next} on cannot be read (${error.message}); no rule sees them yet.`;
        },
      )
      .finally(() => {
        this.#reading = null;
      });
  }

  /** What a rule must remember of the entries before `next`. */
  async #readAgain(): Promise<void> {
    if (this.#hasReadAgain) return;
    const { log, next, again, most, see, remembered } = this.#options;
    if (again !== null && next > 0) {
      const range = { from: Math.max(0, next - most), to: next, since: again };
      for await (const entry of log.entries(range)) {
        if (this.#stopped) return;
        see(entry, true);
      }
    }
    if (this.#stopped) return;
    remembered();
    this.#hasReadAgain = true;
  }

  async #readOn(): Promise<void> {
    const { log, most, skipped } = this.#options;
    if (this.behind > most) {
      const from = this.#next;
      this.#next = log.info().size - most;
      skipped(from, this.#next);
    }
    while (this.#next < log.info().size) {
      const to = log.info().size;
      for await (const entry of log.entries({ from: this.#next, to })) {
        if (this.#stopped) return;
        this.#see(entry);
      }
      // What retention removed, nobody can look at.
      this.#next = Math.max(this.#next, to);
    }
    // Nothing can be committed between the comparison above and this.
    this.#live = true;
  }

  #see(entry: Entry): void {
    this.#next = entry.seq + 1;
    this.#time = entry.time;
    this.#options.see(entry, false);
  }
}
