// Checking Merkle proofs (RFC 9162 §2.1.3.2 and §2.1.4.2; the trees are those of RFC 6962). Runs anywhere.
import type { Hash, Hasher } from './hasher.ts';

/** A leaf's index or a tree's size: proofs of other logs reach 2^64 − 1. */
export type LogIndex = number | bigint;

/**
 * True where `proof` shows that `leaf` is entry `index` of the tree of `size` leaves under `root`.
 * False for whatever else it is given: proofs come from outside.
 */
export function verifyInclusion(
  hasher: Hasher,
  index: LogIndex,
  size: LogIndex,
  leaf: Hash,
  proof: readonly Hash[],
  root: Hash,
): boolean {
  const m = toBigInt(index);
  const n = toBigInt(size);
  if (m === undefined || n === undefined || m >= n) return false;
  if (![leaf, root, ...proof].every(isHash)) return false;
  const path = new Path(m, n - 1n);
  let hash = leaf;
  for (const sibling of proof) {
    if (path.atRoot) return false;
    hash = path.siblingIsLeft ? hasher.node(sibling, hash) : hasher.node(hash, sibling);
    path.climb();
  }
  return path.atRoot && hash === root;
}

/**
 * True where `proof` shows that the tree of `size2` leaves under `root2` begins with the tree of `size1` leaves
 * under `root1`. Nothing can be shown of the empty tree: callers handle a `size1` of 0 themselves.
 */
export function verifyConsistency(
  hasher: Hasher,
  size1: LogIndex,
  size2: LogIndex,
  proof: readonly Hash[],
  root1: Hash,
  root2: Hash,
): boolean {
  const m = toBigInt(size1);
  const n = toBigInt(size2);
  if (m === undefined || n === undefined || m === 0n || m > n) return false;
  if (m === n) return proof.length === 0 && root1 === root2;
  if (![root1, root2, ...proof].every(isHash)) return false;
  if (proof.length === 0) return false;
  // A perfect old tree is a node of the new one: its root begins the proof, unsaid.
  const perfect = (m & (m - 1n)) === 0n;
  const [first, ...rest] = perfect ? [root1, ...proof] : proof;
  const path = new Path(m - 1n, n - 1n);
  path.skipRightTurns();
  let old = first!;
  let all = first!;
  for (const hash of rest) {
    if (path.atRoot) return false;
    if (path.siblingIsLeft) {
      old = hasher.node(hash, old);
      all = hasher.node(hash, all);
    } else {
      all = hasher.node(all, hash);
    }
    path.climb();
  }
  return path.atRoot && old === root1 && all === root2;
}

/** The way from a node up to the root: `fn` and `sn` of RFC 9162, the node's index and the last one of its level. */
class Path {
  #node: bigint;
  #last: bigint;

  constructor(node: bigint, last: bigint) {
    this.#node = node;
    this.#last = last;
  }

  get atRoot(): boolean {
    return this.#last === 0n;
  }

  get siblingIsLeft(): boolean {
    return this.#node % 2n === 1n || this.#node === this.#last;
  }

  /** One level up; past levels on the right edge where the node has no sibling. */
  climb(): void {
    if (this.#node === this.#last) {
      while (this.#node % 2n === 0n && this.#node !== 0n) this.#up();
    }
    this.#up();
  }

  /** Up to the largest perfect subtree that ends here. */
  skipRightTurns(): void {
    while (this.#node % 2n === 1n) this.#up();
  }

  #up(): void {
    this.#node >>= 1n;
    this.#last >>= 1n;
  }
}

/** Undefined for what counts nothing: fractions, negative numbers, numbers already rounded. */
function toBigInt(value: LogIndex): bigint | undefined {
  if (typeof value === 'bigint') return value >= 0n ? value : undefined;
  return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
}

function isHash(value: Hash): boolean {
  return /^[0-9a-f]{64}$/.test(value);
}
