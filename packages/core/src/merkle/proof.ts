// Making Merkle proofs (RFC 6962 §2.1.1 and §2.1.2) from stored tile levels. Runs anywhere.
import { assertSize, bitLength, splitPoint } from './bits.ts';
import { foldFrontier } from './compact-range.ts';
import type { Hash, Hasher } from './hasher.ts';
import { type ReadHashes, readNodes } from './tiles.ts';

/** Leaves `from` ≤ i < `to`. Those met here always begin at a multiple of the power of two that holds their count. */
interface Leaves {
  readonly from: number;
  readonly to: number;
}

/**
 * PATH(index, D[size]): what proves to a holder of the root of `size` leaves that a leaf is entry `index`.
 * @throws RangeError where the tree has no such entry
 * @throws AuditError `LOG_DAMAGED` where hashes are missing
 */
export async function inclusionProof(
  hasher: Hasher,
  index: number,
  size: number,
  hashes: ReadHashes,
): Promise<Hash[]> {
  assertSize(index, 'index');
  assertSize(size, 'size');
  if (index >= size) throw new RangeError(`index ${index} is not in a tree of ${size}`);
  const siblings: Leaves[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const split = from + splitPoint(to - from);
    siblings.push(index < split ? { from: split, to } : { from, to: split });
    if (index < split) to = split;
    else from = split;
  }
  return rootsOf(hasher, siblings.reverse(), hashes);
}

/**
 * PROOF(size1, D[size2]): what proves that the tree of `size2` leaves begins with the one of `size1`. Empty for
 * equal sizes, and for a `size1` of 0, of which nothing needs proof.
 * @throws RangeError where `size1` is larger than `size2`
 * @throws AuditError `LOG_DAMAGED` where hashes are missing
 */
export async function consistencyProof(
  hasher: Hasher,
  size1: number,
  size2: number,
  hashes: ReadHashes,
): Promise<Hash[]> {
  assertSize(size1, 'size1');
  assertSize(size2, 'size2');
  if (size1 > size2) throw new RangeError(`size1 ${size1} is larger than size2 ${size2}`);
  if (size1 === 0 || size1 === size2) return [];
  const nodes: Leaves[] = [];
  let from = 0;
  let to = size2;
  while (to !== size1) {
    const split = from + splitPoint(to - from);
    nodes.push(size1 <= split ? { from: split, to } : { from, to: split });
    if (size1 <= split) to = split;
    else from = split;
  }
  // Where the old tree is itself a node of the new one, its root is known to whoever checks.
  if (from !== 0) nodes.push({ from, to });
  return rootsOf(hasher, nodes.reverse(), hashes);
}

/** The compact range of a tree, from storage: what `CompactRange.from` goes on with. */
export async function frontierOf(hasher: Hasher, size: number, hashes: ReadHashes): Promise<Hash[]> {
  assertSize(size, 'size');
  return readNodes(hasher, perfectSubtrees({ from: 0, to: size }), hashes);
}

/** The root of the tree of `size` leaves, from storage. */
export async function rootOf(hasher: Hasher, size: number, hashes: ReadHashes): Promise<Hash> {
  return foldFrontier(hasher, await frontierOf(hasher, size, hashes));
}

/** MTH of each run of leaves; all their nodes are read at once, so that each tile is read once. */
async function rootsOf(hasher: Hasher, runs: readonly Leaves[], hashes: ReadHashes): Promise<Hash[]> {
  const subtrees = runs.map(perfectSubtrees);
  const nodes = await readNodes(hasher, subtrees.flat(), hashes);
  let next = 0;
  return subtrees.map(({ length }) => {
    const frontier = nodes.slice(next, next + length);
    next += length;
    return foldFrontier(hasher, frontier);
  });
}

/** The perfect subtrees a run of leaves falls into, largest first. */
function perfectSubtrees({ from, to }: Leaves) {
  const subtrees: { height: number; index: number }[] = [];
  for (let at = from; at < to; ) {
    const height = bitLength(to - at) - 1;
    subtrees.push({ height, index: at / 2 ** height });
    at += 2 ** height;
  }
  return subtrees;
}
