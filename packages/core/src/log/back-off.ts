// How long to wait before trying again what somebody else has to mend.

/** Before the second attempt, in milliseconds. */
export const FIRST_RETRY = 50;
/** Between attempts at most, in milliseconds. */
export const LONGEST_RETRY = 5_000;

/** Milliseconds to wait after `failures` + 1 attempts failed: doubling. */
export function backOff(failures: number): number {
  return Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** Math.min(failures, 16));
}
