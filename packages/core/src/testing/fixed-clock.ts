// A clock that stands still until it is told to go on.
import type { Clock } from '../log/options.ts';

export interface FixedClock extends Clock {
  now(): number;
  monotonic(): number;
  /** Time passes: both the wall clock and the monotonic one go on. */
  advance(ms: number): void;
  /** Somebody sets the wall clock, by so much forward or (negative) back; no time passes. */
  set(ms: number): void;
}

/** @param start RFC 3339, a Date, or milliseconds since the epoch */
export function fixedClock(start: string | Date | number = '2026-01-01T00:00:00.000Z'): FixedClock {
  let wall = new Date(start).getTime();
  if (Number.isNaN(wall)) throw new RangeError(`start must be a valid time, got ${String(start)}`);
  let passed = 0;
  return {
    now: () => wall,
    monotonic: () => passed,
    advance(ms) {
      if (!(ms >= 0))
        throw new RangeError(`ms must not be negative, got ${ms}: time does not go back, set() does`);
      wall += ms;
      passed += ms;
    },
    set(ms) {
      wall += ms;
    },
  };
}
