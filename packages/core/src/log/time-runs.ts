// Finds entries by time without reading all of them: binary search in each run of entries whose time never decreases.
import type { AuditStore } from '../store/store.ts';
import { timeOfEntry } from './filter.ts';

/** Entries `from` ≤ seq < `to`. */
export interface SeqRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Time decreases only where a wall clock was set back (`log.clock`), which splits the log into runs; where, only
 * reading tells. So the first search reads the log once, and later ones what was added since.
 */
export class TimeRuns {
  readonly #store: AuditStore;
  /** First seq of each run, in order. */
  readonly #starts: number[] = [0];
  #covered = 0;
  #lastTime = '';
  #extending: Promise<void> = Promise.resolve();

  constructor(store: AuditStore) {
    this.#store = store;
  }

  /** Ranges of `within` whose entries have `since` ≤ time < `until` (as entries spell it), in order of seq. */
  async *find(within: SeqRange, since: string | null, until: string | null): AsyncIterable<SeqRange> {
    const extended = this.#extending.then(() => this.#extend(within.to));
    this.#extending = extended.catch(() => {});
    await extended;
    for (let i = 0; i < this.#starts.length; i++) {
      const run = {
        from: Math.max(within.from, this.#starts[i]!),
        to: Math.min(within.to, this.#starts[i + 1] ?? within.to),
      };
      if (run.from >= run.to) continue;
      const from = since === null ? run.from : await this.#firstNotBefore(since, run);
      const to = until === null ? run.to : await this.#firstNotBefore(until, { from, to: run.to });
      if (from < to) yield { from, to };
    }
  }

  async #extend(to: number): Promise<void> {
    for await (const { seq, text } of this.#store.entries(this.#covered, to)) {
      const time = timeOfEntry(text);
      if (time < this.#lastTime) this.#starts.push(seq);
      this.#lastTime = time;
      this.#covered = seq + 1;
    }
  }

  async #firstNotBefore(time: string, run: SeqRange): Promise<number> {
    let { from, to } = run;
    while (from < to) {
      const middle = from + Math.floor((to - from) / 2);
      if (await this.#isBefore(time, middle)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** A pruned entry counts as before any time: only prefixes are pruned. */
  async #isBefore(time: string, seq: number): Promise<boolean> {
    for await (const { text } of this.#store.entries(seq, seq + 1)) return timeOfEntry(text) < time;
    return true;
  }
}
