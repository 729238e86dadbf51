// Bits of tree sizes. Sizes reach 2^53 − 1, where JavaScript's own bit operators (32 bits) give wrong answers.

/** The number of bits of `n`; 0 for 0. */
export function bitLength(n: number): number {
  return n < 2 ** 32 ? 32 - Math.clz32(n) : 64 - Math.clz32(n / 2 ** 32);
}

/** The number of bits of `n` that are set: how many perfect subtrees a tree of `n` leaves falls into. */
export function popCount(n: number): number {
  let count = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** The largest power of two smaller than `n`, for n > 1: where RFC 6962 §2.1 splits a tree of `n` leaves. */
export function splitPoint(n: number): number {
  return 2 ** (bitLength(n - 1) - 1);
}

/** Throws unless `size` is a whole number from 0 to 2^53 − 1. */
export function assertSize(size: number, argument: string): void {
  if (typeof size !== 'number') throw new TypeError(`${argument} must be a number`);
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new RangeError(`${argument} must be a whole number from 0 to 2^53 − 1, got ${size}`);
  }
}
