import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_ROOT, type Hash } from '../../src/merkle/hasher.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { consistencyProof, inclusionProof } from '../../src/merkle/proof.ts';
import { verifyConsistency, verifyInclusion } from '../../src/merkle/verify-proof.ts';
import { growTree } from './tree.ts';

const tree = growTree(nodeHasher, 300);
const sizes = fc.integer({ min: 2, max: 300 });

/** A change to a list of hashes that makes another list of it. */
interface Mutation {
  readonly kind: 'flip' | 'drop' | 'repeat' | 'insert';
  readonly at: number;
  /** Of `flip`: which hex digit, and the bits of it that change. */
  readonly digit: number;
  readonly bits: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'drop', 'repeat', 'insert'),
  at: fc.nat(),
  digit: fc.nat(63),
  bits: fc.integer({ min: 1, max: 15 }),
});

function mutate(proof: readonly Hash[], change: Mutation): Hash[] {
  const at = proof.length === 0 ? 0 : change.at % proof.length;
  const hash = proof[at];
  if (hash === undefined || change.kind === 'insert') return proof.toSpliced(at, 0, nodeHasher.leaf('none'));
  if (change.kind === 'drop') return proof.toSpliced(at, 1);
  if (change.kind === 'repeat') return proof.toSpliced(at, 0, hash);
  const digit = Number.parseInt(hash[change.digit]!, 16) ^ change.bits;
  return proof.with(at, hash.slice(0, change.digit) + digit.toString(16) + hash.slice(change.digit + 1));
}

test('a changed inclusion proof is refused', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), mutation, async (size, at, change) => {
      const index = at % size;
      const proof = await inclusionProof(nodeHasher, index, size, tree.hashes);
      const verify = (hashes: readonly Hash[]) =>
        verifyInclusion(nodeHasher, index, size, tree.leaves[index]!, hashes, tree.roots[size]!);
      expect(verify(proof)).toBe(true);
      expect(verify(mutate(proof, change))).toBe(false);
    }),
  );
});

test('an inclusion proof holds for no other entry, index, or root', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, at, other) => {
      const index = at % size;
      const wrong = (index + 1 + (other % (size - 1))) % size;
      const proof = await inclusionProof(nodeHasher, index, size, tree.hashes);
      const [leaf, root] = [tree.leaves[index]!, tree.roots[size]!];
      expect(verifyInclusion(nodeHasher, wrong, size, leaf, proof, root)).toBe(false);
      expect(verifyInclusion(nodeHasher, index, size, tree.leaves[wrong]!, proof, root)).toBe(false);
      expect(verifyInclusion(nodeHasher, index, size, leaf, proof, tree.roots[size - 1]!)).toBe(false);
    }),
  );
});

test('a changed consistency proof is refused', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), mutation, async (size, at, change) => {
      const old = 1 + (at % (size - 1));
      const proof = await consistencyProof(nodeHasher, old, size, tree.hashes);
      const verify = (hashes: readonly Hash[]) =>
        verifyConsistency(nodeHasher, old, size, hashes, tree.roots[old]!, tree.roots[size]!);
      expect(verify(proof)).toBe(true);
      expect(verify(mutate(proof, change))).toBe(false);
    }),
  );
});

test('a consistency proof holds for no other sizes or roots', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), async (size, at) => {
      const old = 1 + (at % (size - 1));
      const proof = await consistencyProof(nodeHasher, old, size, tree.hashes);
      const [root1, root2] = [tree.roots[old]!, tree.roots[size]!];
      expect(verifyConsistency(nodeHasher, old, size, proof, root2, root1)).toBe(false);
      expect(verifyConsistency(nodeHasher, size, old, proof, root1, root2)).toBe(false);
      expect(verifyConsistency(nodeHasher, old, size, proof, tree.roots[old - 1]!, root2)).toBe(false);
      expect(verifyConsistency(nodeHasher, old, size, proof, root1, tree.roots[size - 1]!)).toBe(false);
    }),
  );
});

test('nothing is shown of the empty tree, and nothing follows from it', () => {
  const [leaf] = tree.leaves as [Hash];
  expect(verifyInclusion(nodeHasher, 0, 0, leaf, [], EMPTY_ROOT)).toBe(false);
  expect(verifyConsistency(nodeHasher, 0, 0, [], EMPTY_ROOT, EMPTY_ROOT)).toBe(false);
  expect(verifyConsistency(nodeHasher, 0, 1, [], EMPTY_ROOT, leaf)).toBe(false);
});

test('numbers that count nothing are refused, not thrown back', () => {
  const [leaf] = tree.leaves as [Hash];
  expect(verifyInclusion(nodeHasher, 0, 1, leaf, [], leaf)).toBe(true);
  expect(verifyInclusion(nodeHasher, 0n, 1n, leaf, [], leaf)).toBe(true);
  for (const index of [-1, -1n, 0.5, Number.NaN]) {
    expect(verifyInclusion(nodeHasher, index, 1, leaf, [], leaf)).toBe(false);
  }
  expect(verifyConsistency(nodeHasher, 2 ** 53, 2 ** 53, [], leaf, leaf)).toBe(false);
  expect(verifyConsistency(nodeHasher, 2n ** 53n, 2n ** 53n, [], leaf, leaf)).toBe(true);
});

test('a hash in another spelling is refused', () => {
  const [leaf] = tree.leaves as [Hash];
  const upper = leaf.toUpperCase();
  expect(upper).not.toBe(leaf);
  expect(verifyInclusion(nodeHasher, 0, 1, upper, [], upper)).toBe(false);
  // Trees of one size are compared, not hashed: a published vector has equal roots of twelve bytes, and holds.
  expect(verifyConsistency(nodeHasher, 1, 1, [], upper, leaf)).toBe(false);
  const [root1, root2] = [tree.roots[2]!, tree.roots[3]!];
  expect(verifyConsistency(nodeHasher, 2, 3, [tree.leaves[2]!], root1, root2)).toBe(true);
  expect(verifyConsistency(nodeHasher, 2, 3, [tree.leaves[2]!.toUpperCase()], root1, root2)).toBe(false);
  expect(verifyConsistency(nodeHasher, 2, 3, [tree.leaves[2]!], root1.toUpperCase(), root2)).toBe(false);
});
