// How long to wait before trying again what somebody else has to mend.

/** Before the second attempt, in milliseconds. */
export const FIRST_RETRY = 50;
/** Between attempts at most, in milliseconds. */
export const LONGEST_RETRY = 5_000;
/** Attempts at least within the time callers are patient: else they would give up on somebody who is back. */
const ATTEMPTS_WITHIN = 4;
/** However impatient the callers, in milliseconds. */
const SHORTEST_RETRY = 10;

/**
 * Milliseconds to wait after `failures` + 1 attempts failed: doubling.
 * @param patience milliseconds after which callers give up
 */
export function backOff(failures: number, patience: number): number {
  const longest = Math.min(LONGEST_RETRY, Math.max(SHORTEST_RETRY, patience / ATTEMPTS_WITHIN));
  return Math.min(longest, FIRST_RETRY * 2 ** Math.min(failures, 16));
}
