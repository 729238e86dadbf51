// When a job is to run: at intervals, or at a time of day. Calculates only.

/** Every so many milliseconds; or each day at `HH:MM`, as the clock on the wall of this machine shows it (TZ). */
export type Schedule = { readonly every: number } | { readonly at: string };

/** What is known of a job's runs, in milliseconds since the epoch. */
export interface Runs {
  /** When the job was first seen. */
  readonly since: number;
  /** When the last run that succeeded began; null before the first. */
  readonly succeededAt: number | null;
  /** When the last run that failed ended, if none succeeded since; and how many failed in a row. */
  readonly failedAt: number | null;
  readonly failures: number;
}

/** How soon a run that failed is tried again: doubled each time. */
export interface Retry {
  readonly min: number;
  readonly max: number;
}

const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** @throws RangeError naming what of it is wrong */
export function checkSchedule(schedule: Schedule): void {
  if ('at' in schedule) {
    if (!TIME_OF_DAY.test(schedule.at))
      throw new RangeError(`at must be a time of day such as 03:30, got ${schedule.at}`);
  } else if (!(Number.isSafeInteger(schedule.every) && schedule.every > 0)) {
    throw new RangeError(`every must be milliseconds, a whole number above 0, got ${schedule.every}`);
  }
}

/**
 * When the next run is due; in the past where it was missed, however many times. A job that never ran is due at once, and
 * one with a time of day at the first after it was first seen. Intervals count from one beginning to the next.
 */
export function dueAt(schedule: Schedule, runs: Runs, retry: Retry, now: number): number {
  const scheduled = scheduledAt(schedule, runs, now);
  if (runs.failures === 0 || runs.failedAt === null) return scheduled;
  const again = Math.min(runs.failedAt, now) + Math.min(retry.min * 2 ** (runs.failures - 1), retry.max);
  return Math.max(scheduled, again);
}

// A clock that was set back must not put off what was done "in the future" until it gets there.
function scheduledAt(schedule: Schedule, { since, succeededAt }: Runs, now: number): number {
  if ('at' in schedule) return nextTimeOfDay(schedule.at, Math.min(succeededAt ?? since, now));
  return succeededAt === null ? Math.min(since, now) : Math.min(succeededAt, now) + schedule.every;
}

/**
 * The first such time after `after`. Where daylight saving leaves it out, it is that much later; where it comes twice,
 * the first counts.
 */
function nextTimeOfDay(at: string, after: number): number {
  const [, hours, minutes] = TIME_OF_DAY.exec(at)!;
  const day = new Date(after);
  for (let ahead = 0; ; ahead++) {
    const time = new Date(
      day.getFullYear(),
      day.getMonth(),
      day.getDate() + ahead,
      Number(hours),
      Number(minutes),
    ).getTime();
    if (time > after) return time;
  }
}
