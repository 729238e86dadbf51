// RFC 6962 §2.1 as the text states it, recursive and slow: what the tests compare with.
import type { Hash, Hasher } from '../../src/merkle/hasher.ts';

function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** MTH(D[n]). */
export function mth(hasher: Hasher, leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return hasher.digest('');
  if (leaves.length === 1) return leaves[0]!;
  const k = split(leaves.length);
  return hasher.node(mth(hasher, leaves.slice(0, k)), mth(hasher, leaves.slice(k)));
}

/** PATH(m, D[n]). */
export function path(hasher: Hasher, m: number, leaves: readonly Hash[]): Hash[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...path(hasher, m, leaves.slice(0, k)), mth(hasher, leaves.slice(k))]
    : [...path(hasher, m - k, leaves.slice(k)), mth(hasher, leaves.slice(0, k))];
}

/** SUBPROOF(m, D[n], b); PROOF(m, D[n]) is the one with b true. */
export function subproof(hasher: Hasher, m: number, leaves: readonly Hash[], b = true): Hash[] {
  if (m === leaves.length) return b ? [] : [mth(hasher, leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(hasher, m, leaves.slice(0, k), b), mth(hasher, leaves.slice(k))]
    : [...subproof(hasher, m - k, leaves.slice(k), false), mth(hasher, leaves.slice(0, k))];
}
