// Which of the lines found are which of the entries expected: a small diff. Pure; knows no hashes and no files.

/** `expected` and `found` are indices into the two lists. */
export interface Alignment {
  /** Expected, and nowhere among the lines. */
  readonly missing: readonly number[];
  /** Expected here, and another line stands in its place. */
  readonly modified: readonly { readonly expected: number; readonly found: number }[];
  /** A line too many; it stands before `before` (which may be the end). */
  readonly inserted: readonly { readonly before: number; readonly found: number }[];
  /** There, but out of its order. */
  readonly reordered: readonly { readonly expected: number; readonly found: number }[];
  /** There, in order. */
  readonly kept: readonly { readonly expected: number; readonly found: number }[];
}

/**
 * Aligns lines with what is expected, both named by something unique in `expected` (leaf hashes, or sequence
 * numbers). `claim` says which expected entry an unknown line gives itself out for, where it does.
 */
export function align(
  expected: readonly string[],
  found: readonly string[],
  claim: (found: number) => number | null = () => null,
): Alignment {
  const positions = new Map(expected.map((name, i) => [name, i]));
  const known = found.flatMap((name, at) => {
    const position = positions.get(name);
    return position === undefined ? [] : [{ expected: position, found: at }];
  });
  const kept = longestRising(known);
  const inPlace = new Set(kept.map((pair) => pair.found));
  const present = new Set(kept.map((pair) => pair.expected));

  const reordered: { expected: number; found: number }[] = [];
  const spare = new Set<number>();
  for (const pair of known) {
    if (inPlace.has(pair.found)) continue;
    // A second copy of something that is there already is a line too many.
    if (present.has(pair.expected)) spare.add(pair.found);
    else reordered.push(pair);
    present.add(pair.expected);
  }
  addOtherHalves(reordered, known);

  const missing: number[] = [];
  const modified: { expected: number; found: number }[] = [];
  const inserted: { before: number; found: number }[] = [];
  const moved = new Set(reordered.map((one) => one.found));
  let nextExpected = 0;
  let nextFound = 0;
  // Between two lines that are in place: what should be there, and what is.
  for (const anchor of [...kept, { expected: expected.length, found: found.length }]) {
    const absent = new Set<number>();
    for (let i = nextExpected; i < anchor.expected; i++) if (!present.has(i)) absent.add(i);
    const silent: number[] = [];
    for (let i = nextFound; i < anchor.found; i++) {
      if (moved.has(i)) continue;
      const claimed = spare.has(i) ? null : claim(i);
      if (spare.has(i)) inserted.push({ before: anchor.expected, found: i });
      else if (claimed !== null && absent.delete(claimed)) modified.push({ expected: claimed, found: i });
      else silent.push(i);
    }
    // Lines that claim no absent entry stand for the absent ones in order.
    for (const i of silent) {
      const [first] = absent;
      if (first === undefined) {
        inserted.push({ before: anchor.expected, found: i });
      } else {
        absent.delete(first);
        modified.push({ expected: first, found: i });
      }
    }
    for (const i of absent) missing.push(i);
    nextExpected = anchor.expected + 1;
    nextFound = anchor.found + 1;
  }
  return { missing, modified, inserted, reordered, kept };
}

/** Two neighbours exchanged: one of them counts as kept, but neither is where it belongs. */
function addOtherHalves(
  reordered: { expected: number; found: number }[],
  known: readonly { expected: number; found: number }[],
): void {
  const byFound = new Map(known.map((one) => [one.found, one]));
  const listed = new Set(reordered.map((one) => one.expected));
  for (const { expected, found } of [...reordered]) {
    for (const step of [-1, 1]) {
      const other = byFound.get(found + step);
      const exchanged = other !== undefined && other.expected - expected === -step;
      if (!exchanged || listed.has(other.expected)) continue;
      listed.add(other.expected);
      reordered.push(other);
    }
  }
}

/** The longest run of pairs that rises in both: patience sorting, n log n. */
function longestRising<T extends { readonly expected: number }>(pairs: readonly T[]): T[] {
  const tails: number[] = [];
  const before: number[] = [];
  for (const [i, { expected }] of pairs.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tails[middle]!]!.expected < expected) low = middle + 1;
      else high = middle;
    }
    before[i] = low > 0 ? tails[low - 1]! : -1;
    tails[low] = i;
  }
  const run: T[] = [];
  for (let i = tails.at(-1) ?? -1; i !== -1; i = before[i]!) run.push(pairs[i]!);
  return run.reverse();
}
