import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompactRange } from '../../src/merkle/compact-range.ts';
import { EMPTY_ROOT, type Hash } from '../../src/merkle/hasher.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { consistencyProof, frontierOf, inclusionProof, rootOf } from '../../src/merkle/proof.ts';
import { verifyConsistency, verifyInclusion } from '../../src/merkle/verify-proof.ts';
import { c2sp } from '../c2sp.ts';
import { hashers } from './hashers.ts';
import { path, subproof } from './reference.ts';
import { growTree } from './tree.ts';

const small = growTree(nodeHasher, 70);
const large = growTree(nodeHasher, 66_200);

describe.each(hashers)('proofs made over the %s hasher', (_, hasher) => {
  const { leaf_hashes_hex: leaves, all_inclusion, all_consistency } = c2sp.rfc6962;
  const hashes = async (_level: number, from: number, to: number) => leaves.slice(from, to);

  test.each(all_inclusion)(
    'leaf $index in $size is the published one',
    async ({ index, size, proof_hex }) => {
      expect(await inclusionProof(hasher, index, size, hashes)).toEqual(proof_hex);
    },
  );

  test.each(all_consistency)('$old to $new is the published one', async ({ old, new: size, proof_hex }) => {
    expect(await consistencyProof(hasher, old, size, hashes)).toEqual(proof_hex);
  });
});

test('inclusion is proved for every entry of every tree up to 70, as RFC 6962 defines it', async () => {
  for (let size = 1; size <= 70; size++) {
    for (let index = 0; index < size; index++) {
      const proof = await inclusionProof(nodeHasher, index, size, small.hashes);
      expect(proof).toEqual(path(nodeHasher, index, small.leaves.slice(0, size)));
      expect(verifyInclusion(nodeHasher, index, size, small.leaves[index]!, proof, small.roots[size]!)).toBe(
        true,
      );
    }
  }
});

test('consistency is proved between all sizes up to 70, as RFC 6962 defines it', async () => {
  for (let size = 1; size <= 70; size++) {
    for (let old = 1; old <= size; old++) {
      const proof = await consistencyProof(nodeHasher, old, size, small.hashes);
      expect(proof).toEqual(subproof(nodeHasher, old, small.leaves.slice(0, size)));
      expect(verifyConsistency(nodeHasher, old, size, proof, small.roots[old]!, small.roots[size]!)).toBe(
        true,
      );
    }
  }
});

test('proofs of larger trees, over several tile levels, hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 66_200 }), fc.nat(), fc.nat(), async (size, a, b) => {
      const index = a % size;
      const inclusion = await inclusionProof(nodeHasher, index, size, large.hashes);
      expect(
        verifyInclusion(nodeHasher, index, size, large.leaves[index]!, inclusion, large.roots[size]!),
      ).toBe(true);
      const old = 1 + (b % size);
      const consistency = await consistencyProof(nodeHasher, old, size, large.hashes);
      expect(
        verifyConsistency(nodeHasher, old, size, consistency, large.roots[old]!, large.roots[size]!),
      ).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('the frontier from storage is that of the compact range, and folds to the root', async () => {
  for (const size of [0, 1, 2, 69, 255, 256, 257, 511, 65_535, 65_536, 65_537, 66_200]) {
    const frontier = await frontierOf(nodeHasher, size, large.hashes);
    expect(CompactRange.from(nodeHasher, size, frontier).root()).toBe(large.roots[size]);
    expect(await rootOf(nodeHasher, size, large.hashes)).toBe(large.roots[size]);
  }
  expect(await rootOf(nodeHasher, 0, large.hashes)).toBe(EMPTY_ROOT);
});

describe('a log as large as sizes go', () => {
  const leaf = nodeHasher.leaf('x');
  // Of equal leaves, so that one hash for each height is the whole tree.
  const perfect: Hash[] = [leaf];
  for (let i = 0; i < 53; i++) perfect.push(nodeHasher.node(perfect[i]!, perfect[i]!));
  const hashes = async (level: number, from: number, to: number) =>
    Array.from({ length: to - from }, () => perfect[8 * level]!);
  const size = Number.MAX_SAFE_INTEGER;

  test.each([0, 2 ** 31, 2 ** 32 + 5, 2 ** 52 - 1, 2 ** 52, size - 1])('proves entry %d', async (index) => {
    const root = await rootOf(nodeHasher, size, hashes);
    const proof = await inclusionProof(nodeHasher, index, size, hashes);
    expect(verifyInclusion(nodeHasher, index, size, leaf, proof, root)).toBe(true);
  });

  test.each([1, 2 ** 31 + 1, 2 ** 32, 2 ** 40 + 2 ** 9 + 1, 2 ** 52 + 1, size - 1])(
    'proves consistency with size %d',
    async (old) => {
      const [root1, root2] = [await rootOf(nodeHasher, old, hashes), await rootOf(nodeHasher, size, hashes)];
      const proof = await consistencyProof(nodeHasher, old, size, hashes);
      expect(verifyConsistency(nodeHasher, old, size, proof, root1, root2)).toBe(true);
      expect(verifyConsistency(nodeHasher, old + 1, size, proof, root1, root2)).toBe(false);
    },
  );
});

test('a proof reads at most two tiles of each level, and each once', async () => {
  for (const [index, size] of [
    [0, 66_200],
    [300, 66_200],
    [66_199, 66_200],
    [65_535, 65_536],
  ] as const) {
    for (const prove of [inclusionProof, consistencyProof]) {
      large.reads.length = 0;
      await prove(nodeHasher, index, size, large.hashes);
      const tiles = large.reads.map((read) => {
        const [, level, from, to] = /^(\d+)\/(\d+)-(\d+)$/.exec(read)!.map(Number);
        const tile = Math.floor(from! / 256);
        expect(Math.floor((to! - 1) / 256)).toBe(tile);
        return `${level}/${tile}`;
      });
      expect(new Set(tiles).size).toBe(tiles.length);
      expect(tiles.length).toBeLessThanOrEqual(6);
    }
  }
});

test('what cannot be proved is refused', async () => {
  await expect(inclusionProof(nodeHasher, 5, 5, small.hashes)).rejects.toThrow(RangeError);
  await expect(inclusionProof(nodeHasher, -1, 5, small.hashes)).rejects.toThrow(RangeError);
  await expect(consistencyProof(nodeHasher, 6, 5, small.hashes)).rejects.toThrow(RangeError);
  expect(await consistencyProof(nodeHasher, 0, 5, small.hashes)).toEqual([]);
  expect(await consistencyProof(nodeHasher, 5, 5, small.hashes)).toEqual([]);
});

test('a tree with hashes missing says so instead of proving something else', async () => {
  const proof = inclusionProof(nodeHasher, 3, 100, small.hashes);
  await expect(proof).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
});
