// Matches of one rule, by group, as far back as counting them needs.
import { Groups, MAX_GROUPS } from './group.ts';

/** Times a rule remembers, over all its groups: memory stays bounded whatever is counted. */
export const MAX_REMEMBERED = 1_000_000;

/** Tells when `count` matches of one group came within `window`. */
export class RecentMatches {
  readonly #count: number;
  readonly #window: number;
  readonly #groups: Groups<number[]>;

  /** @param window milliseconds; a match exactly so much later no longer counts */
  constructor(count: number, window: number) {
    this.#count = count;
    this.#window = window;
    this.#groups = new Groups(Math.max(1, Math.min(MAX_GROUPS, Math.floor(MAX_REMEMBERED / count))));
  }

  get forgotten(): number {
    return this.#groups.forgotten;
  }

  /** Whether this match is the last of `count`. A clock that was set puts times apart, in whichever direction. */
  add(group: string, at: number): boolean {
    if (this.#count === 1) return true;
    const times = this.#groups.get(group) ?? [];
    times.push(at);
    if (times.length > this.#count) times.shift();
    this.#groups.touch(group, times);
    return times.length === this.#count && Math.abs(at - times[0]!) < this.#window;
  }
}
