// How much a process and what it starts use, by looking again and again until it ends. What comes after the last look is
// not in the figures: they are lower bounds. Memory of one process is better than that, for the kernel keeps its peak.
import type { ProcessFamily, Sample } from './process-family.ts';

/** Milliseconds before the second look; doubled each time, up to the interval. Most code is over soon. */
const FIRST_WAIT = 4;
/** Looking takes at most one part in so many of one processor. */
const SHARE = 20;

/** Null where there was no look while the process was there. */
export interface Usage {
  readonly cpuMs: number | null;
  readonly maxRssBytes: number | null;
  /** How many looks that is from: the last was one interval before the end, or less. */
  readonly samples: number;
}

/** Where nobody looks. */
export const UNSEEN: Usage = { cpuMs: null, maxRssBytes: null, samples: 0 };

export class UsageWatch {
  readonly #family: ProcessFamily;
  readonly #interval: number;
  readonly #seen: (usage: Usage) => void;
  #usage = UNSEEN;
  #timer: NodeJS.Timeout | undefined;

  /** @param seen told after each look */
  constructor(family: ProcessFamily, interval: number, seen: (usage: Usage) => void) {
    this.#family = family;
    this.#interval = interval;
    this.#seen = seen;
    this.#look(Math.min(FIRST_WAIT, interval));
  }

  /** Ends the watch. */
  stop(): Usage {
    clearTimeout(this.#timer);
    return this.#usage;
  }

  #look(wait: number): void {
    const before = process.cpuUsage();
    this.#take(this.#family.sample());
    // Not what the clock says: on a busy machine others have most of it.
    const { user, system } = process.cpuUsage(before);
    const next = Math.max(wait, ((user + system) / 1_000) * SHARE);
    this.#timer = setTimeout(() => this.#look(Math.min(wait * 2, this.#interval)), next);
    this.#seen(this.#usage);
  }

  #take({ count, cpuMs, rssBytes, peakBytes }: Sample): void {
    if (count === 0) return;
    const { cpuMs: before, maxRssBytes, samples } = this.#usage;
    const most = Math.max(maxRssBytes ?? 0, rssBytes, peakBytes);
    this.#usage = {
      cpuMs: Math.max(before ?? 0, cpuMs),
      maxRssBytes: most > 0 ? most : null,
      samples: samples + 1,
    };
  }
}
