// Events on their way into the store together, and who waits for them. Owned by the commit loop.
import type { PreparedEvent } from '../event/prepared.ts';
import type { Batch } from '../store/store.ts';
import type { ClockAnchor } from './clock.ts';
import type { Waiter } from './waiter.ts';

/**
 * Lives from the moment its events leave the queue until they are committed; may be sequenced and appended more
 * than once in between. `events[i]` and `waiters[i]` belong together.
 */
export class PendingBatch {
  readonly events: readonly PreparedEvent[];
  readonly waiters: (Waiter | null)[];
  /** Its first event is `log.rotate`. */
  readonly startsSegment: boolean;
  /** How many of the events, counted from the last, came from the queue; the others are the loop's own. */
  readonly queued: number;
  /** Where it was sequenced last; null before. */
  sequenced: Sequenced | null = null;

  constructor(
    events: readonly PreparedEvent[],
    waiters: (Waiter | null)[],
    startsSegment: boolean,
    queued: number,
  ) {
    this.events = events;
    this.waiters = waiters;
    this.startsSegment = startsSegment;
    this.queued = queued;
  }

  /** Bytes that leave the queue with it. */
  get queuedBytes(): number {
    let bytes = 0;
    for (let i = this.events.length - this.queued; i < this.events.length; i++)
      bytes += this.events[i]!.bytes;
    return bytes;
  }
}

/** A batch given its place in the log. */
export interface Sequenced {
  /** Size of the log before it. */
  readonly start: number;
  /** Leaf hash of the entry before it. */
  readonly prev: string;
  /** Time of its last entry, in milliseconds. */
  readonly time: number;
  /** What the clock was measured against before it was read for this batch. */
  readonly anchor: ClockAnchor | null;
  /** What the clock showed when it was read for this batch: what the next reading is measured against. */
  readonly reading: ClockAnchor | null;
  /** Index in `batch.entries` of the `log.clock` entry put in by the sequencer; −1 for none. */
  readonly clockAt: number;
  readonly batch: Batch;
}

/** Index in `batch.entries` of event `i`: the clock entry stands between. */
export function entryIndex(sequenced: Sequenced, i: number): number {
  return sequenced.clockAt !== -1 && i >= sequenced.clockAt ? i + 1 : i;
}
