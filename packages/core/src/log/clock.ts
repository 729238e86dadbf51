// The time of entries: never decreasing, and honest about a wall clock that was set. formats.md, *Entry*, `time`.
import type { Clock } from './options.ts';

/** A wall clock that steps back by more than this many milliseconds gets a `log.clock` entry; less is clamped. */
export const STEP_BACK = 1_000;
/** A wall clock that steps forward by more than this many milliseconds gets a `log.clock` entry. */
export const STEP_FORWARD = 60_000;

/** 9999-12-31T23:59:59.999Z: what RFC 3339 can say, in milliseconds. */
const LAST_TIME = 253_402_300_799_999;

/** The clocks of the process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** A clock of the caller's that throws, or shows no time an entry can hold, is passed over: the log goes on. */
export function wallTime(clock: Clock): number {
  try {
    const now = Math.trunc(clock.now());
    if (now >= 0 && now <= LAST_TIME) return now;
  } catch {
    // As if it showed no time.
  }
  return Date.now();
}

/** Undefined where the clock has none, or fails. */
function monotonicTime(clock: Clock): number | undefined {
  try {
    const now = clock.monotonic?.();
    return Number.isFinite(now) ? now : undefined;
  } catch {
    return undefined;
  }
}

/** The wall clock was set: from what it would have shown to what it shows, both in milliseconds. */
export interface ClockStep {
  readonly from: number;
  readonly to: number;
}

/** Both clocks at one moment: what the next reading is measured against. */
export interface ClockAnchor {
  readonly wall: number;
  readonly monotonic: number;
}

/** One reading: the time for entries, and the step that must be told before it is used. */
export interface ClockReading {
  readonly time: number;
  readonly step: ClockStep | null;
}

/**
 * Tells a clock that was set from one that merely went on. What the wall clock should show is the last reading
 * plus what the monotonic clock counted since; so an idle hour is an hour on both and no step, while a wall clock
 * that went ahead of it was set (or the machine slept, which the monotonic clock of most systems does not count).
 * A clock without `monotonic` cannot know: its steps forward go untold. A step back is told, too, where `time`
 * would have to stand still for more than `STEP_BACK`: many small ones add up.
 */
export class LogClock {
  readonly #clock: Clock;
  #anchor: ClockAnchor | null = null;
  /** Time of the last entry; the next is not before it. */
  #last = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Time of the last entry, or of the last reading taken. */
  get last(): number {
    return this.#last;
  }

  get anchor(): ClockAnchor | null {
    return this.#anchor;
  }

  /** The last entry is another one than was thought. With an `anchor`: a step since then is found once more. */
  reset(last: number, anchor?: ClockAnchor | null): void {
    this.#last = last;
    if (anchor !== undefined) this.#anchor = anchor;
  }

  /** Takes the time for the entries sequenced now. */
  read(): ClockReading {
    const now = wallTime(this.#clock);
    const monotonic = monotonicTime(this.#clock);
    const expected =
      this.#anchor === null || monotonic === undefined
        ? null
        : this.#anchor.wall + (monotonic - this.#anchor.monotonic);
    this.#anchor = monotonic === undefined ? null : { wall: now, monotonic };
    const from = Math.max(this.#last, expected ?? this.#last);
    const back = from - now > STEP_BACK;
    const forward = expected !== null && now - expected > STEP_FORWARD;
    const step = back || forward ? { from: Math.trunc(from), to: now } : null;
    this.#last = step === null ? Math.max(this.#last, now) : now;
    return { time: this.#last, step };
  }
}
