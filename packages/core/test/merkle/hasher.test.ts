import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_ROOT, nobleHasher } from '../../src/merkle/hasher.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { c2sp } from '../c2sp.ts';
import { hashers } from './hashers.ts';

describe.each(hashers)('the %s hasher', (_, hasher) => {
  const vectors = c2sp.rfc6962_hasher;

  test('hashes leaves and the empty tree as RFC 6962 does', () => {
    expect(hasher.leaf('')).toBe(vectors.empty_leaf);
    expect(hasher.leaf('L123456')).toBe(vectors.leaf_L123456);
    expect(hasher.leaf(Buffer.from('L123456'))).toBe(vectors.leaf_L123456);
    expect(hasher.digest('')).toBe(vectors.empty_root);
    expect(EMPTY_ROOT).toBe(vectors.empty_root);
  });

  test('hashes the eight leaves of the Certificate Transparency reference', () => {
    const leaves = c2sp.rfc6962.leaves_hex.map((hex) => hasher.leaf(Buffer.from(hex, 'hex')));
    expect(leaves).toEqual(c2sp.rfc6962.leaf_hashes_hex);
  });

  test('hashes nodes under their own prefix, over the bytes of the hashes and not their spelling', () => {
    const [left, right] = [hasher.digest('left'), hasher.digest('right')];
    expect(hasher.node(left, right)).toBe(hasher.digest(Buffer.from(`01${left}${right}`, 'hex')));
    // The published node vector has children of four bytes, which only the prefix and the digest can show.
    expect(hasher.digest('\u0001N123N456')).toBe(vectors.node_N123_N456);
  });

  test('takes a string for its UTF-8 bytes', () => {
    for (const text of ['ä€😀', '\0', 'a\uD800b']) {
      const bytes = new TextEncoder().encode(text);
      expect(hasher.leaf(text)).toBe(hasher.leaf(bytes));
      expect(hasher.digest(text)).toBe(hasher.digest(bytes));
    }
  });
});

test('both hashers agree on any input', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' })), (input) => {
      expect(nodeHasher.leaf(input)).toBe(nobleHasher.leaf(input));
      expect(nodeHasher.digest(input)).toBe(nobleHasher.digest(input));
      const [left, right] = [nodeHasher.leaf(input), nodeHasher.digest(input)];
      expect(nodeHasher.node(left, right)).toBe(nobleHasher.node(left, right));
    }),
  );
});
