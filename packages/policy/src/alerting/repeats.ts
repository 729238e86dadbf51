// When a rule last told of each group, and what it has kept to itself since.
import { Groups } from './group.ts';

/** The last alert of one rule and group. */
export interface Told<T> {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Entries up to this one are part of it; −1 where it is about none. */
  readonly seq: number;
  /** Fired since, and not told. */
  suppressed: number;
  /** The newest of those. */
  last: T | undefined;
}

/** When something fired, the entry it did (−1: none), and how many it stands for. */
export interface Timed {
  readonly at: number;
  readonly seq: number;
  readonly weight: number;
}

/** One rule's; `repeat` is in milliseconds. */
export class Repeats<T> {
  readonly #repeat: number;
  readonly #told = new Groups<Told<T>>();

  constructor(repeat: number) {
    this.#repeat = repeat;
  }

  get(group: string): Told<T> | undefined {
    return this.#told.get(group);
  }

  /** An alert was raised. Returns how many were suppressed before it. */
  tell(group: string, at: number, seq: number): number {
    const before = this.#told.get(group)?.suppressed ?? 0;
    this.#told.touch(group, { at, seq, suppressed: 0, last: undefined });
    return before;
  }

  /** Whether this was told, or it is too soon to tell again: then it is counted, by `weight`. */
  suppress(group: string, { at, seq, weight }: Timed, fired: T): boolean {
    const told = this.#told.get(group);
    if (told === undefined) return false;
    // Looked at once more after a restart.
    if (seq !== -1 && seq <= told.seq) return true;
    // Whichever way the clock was set.
    if (Math.abs(at - told.at) >= this.#repeat) return false;
    told.suppressed += weight;
    if (weight > 0) told.last = fired;
    return true;
  }

  /** Groups whose time is over at `now`; those that kept nothing to themselves are forgotten unless `keep`. */
  *over(now: number, keep: (group: string) => boolean): IterableIterator<Told<T>> {
    for (const [group, told] of this.#told) {
      if (Math.abs(now - told.at) < this.#repeat) continue;
      if (told.suppressed > 0) yield told;
      else if (!keep(group)) this.#told.delete(group);
    }
  }

  [Symbol.iterator](): IterableIterator<[string, Told<T>]> {
    return this.#told[Symbol.iterator]();
  }
}
