// Medians, and the interval of a ratio of paired rounds. Imports nothing.

/** How many times the rounds are drawn anew for an interval. */
export const RESAMPLES = 10_000;
/** How much of the resampled values an interval holds. */
export const CONFIDENCE = 0.95;

/** A ratio and the interval that holds it with `CONFIDENCE`. */
export interface Ratio {
  readonly ratio: number;
  readonly lower: number;
  readonly upper: number;
  readonly rounds: number;
}

/** @throws RangeError where there are no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('values must hold at least one number');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median of `ours[i] / peers[i]`, where both ran in round `i`, with a percentile bootstrap interval (Efron
 * 1979): rounds are drawn with replacement, each as a pair, so what slowed a whole round down cancels out.
 *
 * @throws RangeError where the two do not pair up
 */
export function pairedRatio(ours: readonly number[], peers: readonly number[], seed = 1): Ratio {
  if (ours.length !== peers.length) throw new RangeError('ours and peers must have run the same rounds');
  const ratios = ours.map((value, round) => value / peers[round]!);
  const ratio = median(ratios);
  const random = generator(seed);
  const drawn = Float64Array.from({ length: RESAMPLES }, () =>
    median(ratios.map(() => ratios[Math.floor(random() * ratios.length)]!)),
  ).sort();
  const tail = (1 - CONFIDENCE) / 2;
  return {
    ratio,
    lower: drawn[Math.floor(tail * RESAMPLES)]!,
    upper: drawn[Math.ceil((1 - tail) * RESAMPLES) - 1]!,
    rounds: ratios.length,
  };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32): a report can be computed again. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
