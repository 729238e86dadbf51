import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompactRange } from '../../src/merkle/compact-range.ts';
import { EMPTY_ROOT, type Hash, nobleHasher } from '../../src/merkle/hasher.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { c2sp } from '../c2sp.ts';
import { hashers } from './hashers.ts';
import { mth } from './reference.ts';

const leavesOf = (size: number): Hash[] => Array.from({ length: size }, (_, i) => nodeHasher.leaf(String(i)));

function grow(leaves: readonly Hash[]): CompactRange {
  const range = CompactRange.empty(nodeHasher);
  for (const leaf of leaves) range.append(leaf);
  return range;
}

describe.each(hashers)('a compact range over the %s hasher', (_, hasher) => {
  test('has the published root at each size of the reference tree', () => {
    const range = CompactRange.empty(hasher);
    const roots = [range.root()];
    for (const leaf of c2sp.rfc6962.leaf_hashes_hex) {
      range.append(leaf);
      roots.push(range.root());
    }
    expect(roots).toEqual(c2sp.rfc6962.roots_hex_by_size);
  });
});

test('the empty range has size 0, no hashes and the root of the empty tree', () => {
  const range = CompactRange.empty(nobleHasher);
  expect([range.size, range.frontier(), range.root()]).toEqual([0, [], EMPTY_ROOT]);
});

test('its root is that of the recursive definition at every size up to 300', () => {
  const leaves = leavesOf(300);
  const range = CompactRange.empty(nodeHasher);
  leaves.forEach((leaf, i) => {
    range.append(leaf);
    expect(range.size).toBe(i + 1);
    expect(range.root()).toBe(mth(nodeHasher, leaves.slice(0, i + 1)));
  });
});

test('its frontier holds the perfect subtrees, largest first', () => {
  const leaves = leavesOf(13);
  expect(grow(leaves).frontier()).toEqual([
    mth(nodeHasher, leaves.slice(0, 8)),
    mth(nodeHasher, leaves.slice(8, 12)),
    leaves[12],
  ]);
});

test('it goes on from a frontier as if it had never stopped', () => {
  fc.assert(
    fc.property(fc.nat(600), fc.nat(300), (before, after) => {
      const leaves = leavesOf(before + after);
      const first = grow(leaves.slice(0, before));
      const next = CompactRange.from(nodeHasher, before, first.frontier());
      for (const leaf of leaves.slice(before)) next.append(leaf);
      expect(next.root()).toBe(mth(nodeHasher, leaves));
      expect(next.size).toBe(before + after);
    }),
    { numRuns: 25 },
  );
});

test('it tells of each tile level hash once it completes, in order', () => {
  const size = 65_536 + 600;
  const leaves = leavesOf(size);
  const completed: [number, Hash, number][] = [];
  const range = CompactRange.empty(nodeHasher);
  leaves.forEach((leaf, i) => {
    range.append(leaf, (level, hash) => completed.push([level, hash, i + 1]));
  });
  const level1 = completed.filter(([level]) => level === 1);
  expect(level1.map(([, , at]) => at)).toEqual(Array.from({ length: 258 }, (_, i) => (i + 1) * 256));
  expect(level1[0]![1]).toBe(mth(nodeHasher, leaves.slice(0, 256)));
  expect(level1[257]![1]).toBe(mth(nodeHasher, leaves.slice(257 * 256, 258 * 256)));
  const above = completed.filter(([level]) => level > 1);
  expect(above).toEqual([
    [
      2,
      mth(
        nodeHasher,
        level1.slice(0, 256).map(([, hash]) => hash),
      ),
      65_536,
    ],
  ]);
});

test('a clone and a returned frontier do not move the original', () => {
  const range = grow(leavesOf(7));
  const root = range.root();
  const clone = range.clone();
  range.frontier().pop();
  clone.append(nodeHasher.leaf('7'));
  expect([range.size, range.root()]).toEqual([7, root]);
  expect([clone.size, clone.root()]).toEqual([8, mth(nodeHasher, leavesOf(8))]);
});

test('it joins subtrees rightly where sizes pass 32 bits', () => {
  const leaf = nodeHasher.leaf('x');
  // A tree of equal leaves has one hash for each height.
  const perfect = [leaf];
  for (let height = 1; height <= 53; height++) {
    perfect.push(nodeHasher.node(perfect[height - 1]!, perfect[height - 1]!));
  }
  for (const height of [31, 32, 33, 40, 52]) {
    const frontier = perfect.slice(0, height).reverse();
    const range = CompactRange.from(nodeHasher, 2 ** height - 1, frontier);
    const completed: [number, Hash][] = [];
    range.append(leaf, (level, hash) => completed.push([level, hash]));
    expect(range.size).toBe(2 ** height);
    expect(range.frontier()).toEqual([perfect[height]]);
    const tileLevels = Array.from({ length: Math.floor(height / 8) }, (_, i) => i + 1);
    expect(completed).toEqual(tileLevels.map((level) => [level, perfect[8 * level]]));
  }
});

test('it refuses a frontier that does not fit the size, and sizes that are none', () => {
  const frontier = grow(leavesOf(5)).frontier();
  expect(() => CompactRange.from(nodeHasher, 7, frontier)).toThrow(RangeError);
  expect(() => CompactRange.from(nodeHasher, 2 ** 40 + 2 ** 33, [frontier[0]!])).toThrow(RangeError);
  for (const size of [-1, 0.5, Number.NaN, 2 ** 53]) {
    expect(() => CompactRange.from(nodeHasher, size, [])).toThrow(RangeError);
  }
  expect(() => CompactRange.from(nodeHasher, '5' as unknown as number, frontier)).toThrow(TypeError);
});

test('it is full at 2^53 − 1 leaves', () => {
  const size = Number.MAX_SAFE_INTEGER;
  const range = CompactRange.from(nodeHasher, size, leavesOf(53));
  expect(() => range.append(nodeHasher.leaf('one more'))).toThrow(RangeError);
  expect(range.frontier()).toHaveLength(53);
});
