// What the log counts of its own work, since it was opened: a few additions a batch, none an event.
import type { PendingBatch } from './pending-batch.ts';
import type { DurationStats, LogStats } from './types.ts';

/** Upper bounds of the buckets durations are counted in, in milliseconds: from a cached write to a disk that hangs. */
export const DURATION_BOUNDS: readonly number[] = [
  0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000,
];

/** How long something took, each time it was done. */
export class Durations {
  readonly #counts = DURATION_BOUNDS.map(() => 0);
  #count = 0;
  #sum = 0;

  add(milliseconds: number): void {
    this.#count++;
    this.#sum += milliseconds;
    const bucket = DURATION_BOUNDS.findIndex((bound) => milliseconds <= bound);
    if (bucket !== -1) this.#counts[bucket]!++;
  }

  get stats(): DurationStats {
    let within = 0;
    const buckets = DURATION_BOUNDS.map((upToMs, index) => {
      within += this.#counts[index]!;
      return { upToMs, count: within };
    });
    return { count: this.#count, sumMs: this.#sum, buckets };
  }
}

/** Fed by the recorder with what is committed, by the disk with its syncs, by the sealer with its signatures. */
export class StatsCount {
  readonly sync = new Durations();
  readonly signing = new Durations();
  #entries = 0;
  #bytes = 0;
  #batches = 0;

  committed({ sequenced }: PendingBatch): void {
    const { entries } = sequenced!.batch;
    this.#batches++;
    this.#entries += entries.length;
    for (const entry of entries) this.#bytes += Buffer.byteLength(entry) + 1;
  }

  get stats(): Pick<LogStats, 'entries' | 'bytes' | 'batches' | 'sync' | 'signing'> {
    const { sync, signing } = this;
    return {
      ...{ entries: this.#entries, bytes: this.#bytes, batches: this.#batches },
      ...{ sync: sync.stats, signing: signing.stats },
    };
  }
}
