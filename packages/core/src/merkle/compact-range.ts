// The right edge of a growing tree: all a writer needs to keep to append leaves and know the root.
import { assertSize, popCount } from './bits.ts';
import { EMPTY_ROOT, type Hash, type Hasher } from './hasher.ts';

/** Told of each hash that completes above the leaves: the root of 256^`tileLevel` leaves (C2SP tlog-tiles). */
export type CompletedNode = (tileLevel: number, hash: Hash) => void;

/**
 * The compact range of an RFC 6962 tree: one hash for each perfect subtree, largest first, one for each bit
 * of the size that is set. Appending costs one node hash amortised, the root log₂(size) of them.
 */
export class CompactRange {
  readonly #hasher: Hasher;
  readonly #frontier: Hash[];
  #size: number;

  private constructor(hasher: Hasher, size: number, frontier: Hash[]) {
    this.#hasher = hasher;
    this.#size = size;
    this.#frontier = frontier;
  }

  /** The tree without leaves. */
  static empty(hasher: Hasher): CompactRange {
    return new CompactRange(hasher, 0, []);
  }

  /** Goes on from a `frontier()` taken at `size`; whether it is the right one only its root can tell. */
  static from(hasher: Hasher, size: number, frontier: readonly Hash[]): CompactRange {
    assertSize(size, 'size');
    if (frontier.length !== popCount(size)) {
      throw new RangeError(
        `frontier must hold ${popCount(size)} hashes for a tree of ${size}, got ${frontier.length}`,
      );
    }
    return new CompactRange(hasher, size, [...frontier]);
  }

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** Adds one leaf hash. */
  append(leaf: Hash, completed?: CompletedNode): void {
    if (this.#size === Number.MAX_SAFE_INTEGER) throw new RangeError('a tree holds at most 2^53 − 1 leaves');
    let hash = leaf;
    let height = 0;
    // Each set bit at the low end of the size is a perfect subtree as large as the one just built: they join.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      hash = this.#hasher.node(this.#frontier.pop()!, hash);
      height++;
      if (height % 8 === 0) completed?.(height / 8, hash);
    }
    this.#frontier.push(hash);
    this.#size++;
  }

  /** MTH of all leaves (RFC 6962 §2.1). */
  root(): Hash {
    return foldFrontier(this.#hasher, this.#frontier);
  }

  /** The hashes of the perfect subtrees, largest first. */
  frontier(): Hash[] {
    return [...this.#frontier];
  }

  /** An independent copy: appending to one does not move the other. */
  clone(): CompactRange {
    return new CompactRange(this.#hasher, this.#size, [...this.#frontier]);
  }
}

/** The root over a frontier: RFC 6962 splits at the largest power of two, so the smallest subtrees join first. */
export function foldFrontier(hasher: Hasher, frontier: readonly Hash[]): Hash {
  let root = frontier.at(-1);
  if (root === undefined) return EMPTY_ROOT;
  for (let i = frontier.length - 2; i >= 0; i--) root = hasher.node(frontier[i]!, root);
  return root;
}
