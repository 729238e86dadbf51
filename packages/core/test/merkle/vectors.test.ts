import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verifyConsistency, verifyInclusion } from '../../src/merkle/verify-proof.ts';
import { c2sp, hexOf } from '../c2sp.ts';
import { hashers } from './hashers.ts';

interface Vector {
  readonly proof: readonly string[] | null;
  readonly desc: string;
  readonly wantErr: boolean;
}

interface InclusionVector extends Vector {
  readonly leafIdx: number | bigint;
  readonly treeSize: number | bigint;
  readonly leafHash: string;
  readonly root: string;
}

interface ConsistencyVector extends Vector {
  readonly size1: number | bigint;
  readonly size2: number | bigint;
  readonly root1: string;
  readonly root2: string;
}

function load<T extends Vector>(folder: string): [name: string, vector: T][] {
  const directory = new URL(`../vectors/merkle/testdata/${folder}/`, import.meta.url);
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, parse<T>(readFileSync(new URL(name, directory), 'utf8'))]);
}

/** JSON whose sizes reach 2^64 − 1, which JSON.parse alone would round. */
function parse<T>(text: string): T {
  const quoted = text.replace(/("(?:leafIdx|treeSize|size1|size2)": )(\d+)/g, '$1"$2n"');
  return JSON.parse(quoted, (_, value) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
}

const inclusion = load<InclusionVector>('inclusion');
const consistency = load<ConsistencyVector>('consistency');

test('the published sets are complete', () => {
  expect([inclusion.length, consistency.length]).toEqual([98, 98]);
  expect(inclusion.some(([, { wantErr }]) => !wantErr)).toBe(true);
  expect(consistency.some(([, { wantErr }]) => !wantErr)).toBe(true);
  expect(inclusion.some(([, { leafIdx }]) => leafIdx === 2n ** 64n - 1n)).toBe(true);
});

describe.each(hashers)('over the %s hasher', (_, hasher) => {
  test.each(inclusion)('inclusion %s is accepted or refused as it says', (_, vector) => {
    const { leafIdx, treeSize, leafHash, proof, root, wantErr } = vector;
    const hashes = (proof ?? []).map(hexOf);
    const accepted = verifyInclusion(hasher, leafIdx, treeSize, hexOf(leafHash), hashes, hexOf(root));
    expect(accepted).toBe(!wantErr);
  });

  test.each(consistency)('consistency %s is accepted or refused as it says', (_, vector) => {
    const { size1, size2, root1, root2, proof, wantErr } = vector;
    const hashes = (proof ?? []).map(hexOf);
    const accepted = verifyConsistency(hasher, size1, size2, hashes, hexOf(root1), hexOf(root2));
    expect(accepted).toBe(!wantErr);
  });

  test.each(c2sp.rfc6962.all_inclusion)('the reference proof of leaf $index in $size holds', (vector) => {
    const { leaf_hashes_hex: leaves, roots_hex_by_size: roots } = c2sp.rfc6962;
    const { index, size, proof_hex: proof } = vector;
    expect(verifyInclusion(hasher, index, size, leaves[index]!, proof, roots[size]!)).toBe(true);
  });

  test.each(c2sp.rfc6962.all_consistency)('the reference proof from $old to $new holds', (vector) => {
    const { old, new: size, proof_hex: proof } = vector;
    const roots = c2sp.rfc6962.roots_hex_by_size;
    expect(verifyConsistency(hasher, old, size, proof, roots[old]!, roots[size]!)).toBe(true);
  });

  test.each(c2sp.consistency_tessera_testlog)("tessera's proof from $old to $new holds", (vector) => {
    const { old, new: size, root_old, root_new } = vector;
    const proof = vector.proof.map(hexOf);
    expect(verifyConsistency(hasher, old, size, proof, hexOf(root_old), hexOf(root_new))).toBe(true);
  });
});
