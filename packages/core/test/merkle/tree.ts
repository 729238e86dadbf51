// A tree in memory for tests: leaves "0", "1", …, and the tile levels above them as a store keeps them.
import { CompactRange } from '../../src/merkle/compact-range.ts';
import type { Hash, Hasher } from '../../src/merkle/hasher.ts';
import type { ReadHashes } from '../../src/merkle/tiles.ts';

export interface Tree {
  readonly leaves: readonly Hash[];
  /** `roots[n]` is the root of the first n leaves. */
  readonly roots: readonly Hash[];
  readonly hashes: ReadHashes;
  /** Reads made so far, as `level/from-to`. */
  readonly reads: string[];
}

export function growTree(hasher: Hasher, size: number): Tree {
  const range = CompactRange.empty(hasher);
  const levels: Hash[][] = [[]];
  const roots = [range.root()];
  const reads: string[] = [];
  for (let i = 0; i < size; i++) {
    const leaf = hasher.leaf(String(i));
    levels[0]!.push(leaf);
    range.append(leaf, (level, hash) => {
      levels[level] ??= [];
      levels[level].push(hash);
    });
    roots.push(range.root());
  }
  const hashes: ReadHashes = async (level, from, to) => {
    reads.push(`${level}/${from}-${to}`);
    return levels[level]?.slice(from, to) ?? [];
  };
  return { leaves: levels[0]!, roots, hashes, reads };
}
