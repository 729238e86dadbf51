// Both hash implementations: every test of the tree runs over each.
import { nobleHasher } from '../../src/merkle/hasher.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';

export const hashers = [
  ['noble', nobleHasher],
  ['node', nodeHasher],
] as const;
