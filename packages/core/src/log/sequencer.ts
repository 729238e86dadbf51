// Owns the head of the log: turns prepared events into entries with their place, chain, time and tree hashes.
import { assemble, type PreparedEvent } from '../event/prepared.ts';
import { formatTime, parseTime } from '../event/time.ts';
import { CompactRange } from '../merkle/compact-range.ts';
import { type Hash, type Hasher, ZERO_HASH } from '../merkle/hasher.ts';
import type { Batch, StoreHead } from '../store/store.ts';
import type { ClockStep, LogClock } from './clock.ts';
import type { PendingBatch } from './pending-batch.ts';

/** What stands before an entry where its leaf hash is taken: RFC 6962 §2.1. */
const LEAF_PREFIX = '\0';

/**
 * The head as it will be once everything sequenced is committed. Sequencing is synchronous, so entries of two
 * batches never mix; after a failure `reset` goes back to what the store says stands.
 */
export class Sequencer {
  readonly #hasher: Hasher;
  readonly #clock: LogClock;
  readonly #clockEvent: (step: ClockStep) => PreparedEvent;
  #range: CompactRange;
  #lastLeaf: Hash = ZERO_HASH;

  constructor(hasher: Hasher, clock: LogClock, clockEvent: (step: ClockStep) => PreparedEvent) {
    this.#hasher = hasher;
    this.#clock = clock;
    this.#clockEvent = clockEvent;
    this.#range = CompactRange.empty(hasher);
  }

  /** Entries sequenced so far. */
  get size(): number {
    return this.#range.size;
  }

  /**
   * Goes on from what the store says is committed. `lost` is the first batch that is not: a step of the clock
   * it told of must be told again.
   */
  reset(head: StoreHead, lost?: PendingBatch): void {
    this.#range = CompactRange.from(this.#hasher, head.size, head.frontier);
    this.#lastLeaf = head.lastLeaf;
    this.#clock.reset(lastTime(head), lost?.sequenced?.anchor);
  }

  /** Gives the batch its place behind everything sequenced before. */
  sequence(pending: PendingBatch): void {
    const { events, startsSegment } = pending;
    const start = this.#range.size;
    const prev = this.#lastLeaf;
    const before = this.#clock.last;
    const anchor = this.#clock.anchor;
    const { time, step } = this.#clock.read();
    const clockAt = step === null ? -1 : startsSegment ? 1 : 0;
    const entries: string[] = [];
    const leaves: Hash[] = [];
    const nodes: Hash[][] = [];
    const completed = (level: number, hash: Hash) => {
      nodes[level - 1] ??= [];
      nodes[level - 1]!.push(hash);
    };
    const add = (event: PreparedEvent, text: string) => {
      const input = LEAF_PREFIX + assemble(event, this.#lastLeaf, start + entries.length, text);
      this.#lastLeaf = this.#hasher.digest(input);
      // Hashing made one run of characters out of the parts; a part of that run is not put together once more.
      entries.push(input.slice(LEAF_PREFIX.length));
      leaves.push(this.#lastLeaf);
      this.#range.append(this.#lastLeaf, completed);
    };
    const text = formatTime(time);
    for (let i = 0; i < events.length; i++) {
      if (i === clockAt) add(this.#clockEvent(step!), text);
      // `log.rotate` stands in front of a `log.clock`; it keeps the time before the step, which never decreases.
      add(events[i]!, i < clockAt ? formatTime(before) : text);
    }
    if (clockAt === events.length) add(this.#clockEvent(step!), text);
    const batch: Batch = { entries, leaves, nodes, root: this.#range.root(), startsSegment };
    pending.sequenced = { start, prev, time, anchor, reading: this.#clock.anchor, clockAt, batch };
  }

  /**
   * Keeps a batch as it was sequenced, where it still fits: what may yet appear of an earlier append is then the
   * same entries, and no second root of one size is ever signed.
   */
  keep(pending: PendingBatch): boolean {
    const { sequenced } = pending;
    if (sequenced === null || sequenced.start !== this.#range.size || sequenced.prev !== this.#lastLeaf)
      return false;
    for (const leaf of sequenced.batch.leaves) this.#range.append(leaf);
    this.#lastLeaf = sequenced.batch.leaves.at(-1)!;
    this.#clock.reset(sequenced.time, sequenced.reading); // its step is told, and need not be found again
    return true;
  }
}

/** Milliseconds of the last entry's time; −∞ of an empty log, so that any first time is fine. */
function lastTime(head: StoreHead): number {
  if (head.lastEntry === null) return Number.NEGATIVE_INFINITY;
  const { time } = JSON.parse(head.lastEntry) as { time: string };
  return parseTime(time) ?? Number.NEGATIVE_INFINITY;
}
