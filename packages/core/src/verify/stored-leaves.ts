// The leaf hashes the log keeps in tree/0, read in runs. Trusted only once they fold to a signed root.
import { HASH_DIGITS, toHex } from './hex.ts';
import type { LogSource } from './source.ts';

/** Hashes fetched at a time. */
const STRETCH = 32_768;
const HASH_BYTES = 32;

/** Read forward, it reads each hash once. */
export class StoredLeaves {
  readonly #source: LogSource;
  #from = 0;
  #run = '';

  constructor(source: LogSource) {
    this.#source = source;
  }

  /** Leaf hashes `from` ≤ i < `to` as a run; shorter where fewer are stored. */
  async run(from: number, to: number): Promise<string> {
    let run = '';
    for (let at = from; at < to; ) {
      if (at < this.#from || at >= this.#from + this.#run.length / HASH_DIGITS) {
        this.#run = toHex(await this.#source.hashes(0, at, at + STRETCH));
        this.#from = at;
        if (this.#run === '') break;
      }
      const piece = this.#run.slice((at - this.#from) * HASH_DIGITS, (to - this.#from) * HASH_DIGITS);
      run += piece;
      at += piece.length / HASH_DIGITS;
    }
    return run;
  }
}

/** The first stored hash of a level that is not as expected, or not there; null where all are right. */
export async function compareLevel(
  source: LogSource,
  level: number,
  expected: readonly string[],
): Promise<number | null> {
  for (let from = 0; from < expected.length; from += STRETCH) {
    const to = Math.min(from + STRETCH, expected.length);
    const stored = await source.hashes(level, from, to);
    const run = toHex(stored.subarray(0, (to - from) * HASH_BYTES));
    for (let i = from; i < to; i++) {
      if (run.slice((i - from) * HASH_DIGITS, (i - from + 1) * HASH_DIGITS) !== expected[i]) return i;
    }
  }
  return null;
}
