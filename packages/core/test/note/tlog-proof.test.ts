import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AuditError } from '../../src/errors.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { inclusionProof } from '../../src/merkle/proof.ts';
import { generatePrivateKey, signerFromPem } from '../../src/note/node-signers.ts';
import { formatNote, parseNote } from '../../src/note/note.ts';
import { signCheckpoint } from '../../src/note/sign.ts';
import { formatProof, parseProof, verifyProof } from '../../src/note/tlog-proof.ts';
import { parseVerifierKey } from '../../src/note/verifier-key.ts';
import { c2sp, hexOf } from '../c2sp.ts';
import { hashers } from '../merkle/hashers.ts';
import { growTree } from '../merkle/tree.ts';

const origin = 'shop.example/audit';
const signer = signerFromPem(origin, generatePrivateKey());
const tree = growTree(nodeHasher, 20);
const refused = expect.objectContaining({ code: 'PROOF_INVALID' });

async function prove(index: number, size = 20, extra?: Uint8Array): Promise<string> {
  const hashes = await inclusionProof(nodeHasher, index, size, tree.hashes);
  const checkpointNote = await signCheckpoint({ origin, size, root: tree.roots[size]! }, signer);
  return formatProof({ index, hashes, checkpointNote, ...(extra && { extra }) });
}

const good = await prove(5);
const smaller = await prove(5, 19);

describe.each(hashers)('published proofs over the %s hasher', (_, hasher) => {
  test.each(c2sp.tlog_proofs.proofs)('of "$entry_utf8" holds, for it alone', (vector) => {
    const key = parseVerifierKey(vector.log_vkey);
    const leaf = hasher.leaf(vector.entry_utf8);
    expect(leaf).toBe(hexOf(vector.leaf_hash_b64));
    const proof = vector.tlog_proof;
    const shown = verifyProof(hasher, proof, leaf, [key]);
    expect(shown).toEqual({
      index: parseProof(proof).index,
      size: 15,
      origin: 'example.com/log/testdata',
      verifiedBy: [key],
    });
    expect(() => verifyProof(hasher, proof, hasher.leaf('other'), [key])).toThrow(refused);
    expect(() => verifyProof(hasher, proof, leaf, [])).toThrow(refused);
    expect(formatProof(parseProof(proof))).toBe(proof);
  });
});

test('an entry of any tree is proved, the first of one among them', async () => {
  for (const [index, size] of [
    [0, 1],
    [0, 20],
    [19, 20],
    [7, 13],
  ] as const) {
    const shown = verifyProof(nodeHasher, await prove(index, size), tree.leaves[index]!, [signer.key]);
    expect(shown).toEqual({ index, size, origin, verifiedBy: [signer.key] });
  }
});

test('what is extra is carried along and proves nothing', async () => {
  for (const extra of [new Uint8Array(), Uint8Array.of(1, 2, 3), new Uint8Array(49_146)]) {
    const proof = await prove(5, 20, extra);
    expect(parseProof(proof).extra).toEqual(extra);
    expect(verifyProof(nodeHasher, proof, tree.leaves[5]!, [signer.key]).index).toBe(5);
  }
  await expect(prove(5, 20, new Uint8Array(49_147))).rejects.toThrow(RangeError);
});

test("the note's own empty lines stay with the note", () => {
  const { index, hashes, checkpointNote } = parseProof(good);
  expect(checkpointNote).toContain('\n\n');
  expect(parseNote(checkpointNote).text).toContain(`${origin}\n20\n`);
  expect([index, hashes.length]).toEqual([5, 5]);
});

test.each([
  ['nothing', ''],
  ['another version', good.replace('@v1', '@v2')],
  ['no first line', good.slice(good.indexOf('\n') + 1)],
  ['no index', good.replace(/index 5\n/, '')],
  ['an index with a leading zero', good.replace('index 5', 'index 05')],
  ['a negative index', good.replace('index 5', 'index -5')],
  ['an index past 2^53', good.replace('index 5', 'index 9007199254740993')],
  ['an index past 2^64', good.replace('index 5', `index ${'9'.repeat(400)}`)],
  ['the index before the extra line', good.replace('index 5\n', 'index 5\nextra AAAA\n')],
  ['two extra lines', good.replace('index 5\n', 'extra AAAA\nextra AAAA\nindex 5\n')],
  ['an extra line that is not base64', good.replace('index 5\n', 'extra A\nindex 5\n')],
  ['a hash that is not base64', good.replace('index 5\n', 'index 5\n!\n')],
  ['a hash of 31 bytes', good.replace('index 5\n', `index 5\n${Buffer.alloc(31).toString('base64')}\n`)],
  [
    '64 hashes',
    good.replace('index 5\n', `index 5\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}`),
  ],
  ['carriage returns', good.replaceAll('\n', '\r\n')],
  ['no note', good.slice(0, good.indexOf('\n\n') + 2)],
  ['a note without signatures', good.slice(0, good.lastIndexOf('\n\n') + 2)],
])('a proof with %s is refused', (_, proof) => {
  expect(proof).not.toBe(good);
  expect(() => verifyProof(nodeHasher, proof, tree.leaves[5]!, [signer.key])).toThrow(refused);
});

test('a path of 63 hashes is read, a longer one is not', () => {
  const { hashes, ...rest } = parseProof(good);
  const longest = formatProof({ ...rest, hashes: Array(63).fill(hashes[0]) });
  expect(parseProof(longest).hashes).toHaveLength(63);
  expect(() => parseProof(longest.replace('index 5\n', `index 5\n${longest.split('\n')[2]}\n`))).toThrow(
    refused,
  );
  expect(() => formatProof({ ...rest, hashes: Array(64).fill(hashes[0]) })).toThrow(RangeError);
});

test('another index, another path and another root are refused', async () => {
  const leaf = tree.leaves[5]!;
  const verify = (proof: string) => verifyProof(nodeHasher, proof, leaf, [signer.key]);
  expect(verify(good).index).toBe(5);
  expect(() => verify(good.replace('index 5', 'index 4'))).toThrow(refused);
  expect(() => verify(good.replace('index 5', 'index 20'))).toThrow(/not in a log of 20/);
  const { hashes, ...rest } = parseProof(good);
  expect(() => verify(formatProof({ ...rest, hashes: hashes.slice(1) }))).toThrow(refused);
  expect(() => verify(formatProof({ ...rest, hashes: [...hashes, leaf] }))).toThrow(refused);
  expect(() =>
    verify(formatProof({ ...rest, hashes, checkpointNote: parseProof(smaller).checkpointNote })),
  ).toThrow(refused);
});

test('a wrong signature and a key of another log are refused, each with its reason', async () => {
  const { index, hashes, checkpointNote } = parseProof(good);
  const leaf = tree.leaves[5]!;
  const { text, signatures } = parseNote(checkpointNote);
  const raised = text.replace('\n20\n', '\n21\n');
  const altered = formatProof({ index, hashes, checkpointNote: formatNote(raised, signatures) });
  expect(() => verifyProof(nodeHasher, altered, leaf, [signer.key])).toThrow(
    /signature of shop.example\/audit .* is wrong/,
  );
  const other = signerFromPem('shop.example/other', generatePrivateKey());
  const bytes = new TextEncoder().encode(text);
  const forged = formatNote(text, [
    { name: other.key.name, keyId: other.key.id, signature: await other.sign(bytes) },
  ]);
  const proof = formatProof({ index, hashes, checkpointNote: forged });
  expect(() => verifyProof(nodeHasher, proof, leaf, [signer.key, other.key])).toThrow(
    /none of the given keys/,
  );
});

test('no text whatever brings anything but a proof or PROOF_INVALID', () => {
  const damaged = fc
    .tuple(
      fc.nat(good.length),
      fc.nat(8),
      fc.string({ unit: fc.constantFrom('\n', 'A', '=', ' ', '\0'), maxLength: 4 }),
    )
    .map(([at, cut, text]) => good.slice(0, at) + text + good.slice(at + cut));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), damaged), (text) => {
      try {
        expect(formatProof(parseProof(text))).toBe(text);
        if (text !== good) {
          // A signature line of an unknown key may differ; all that counts must not.
          const shown = verifyProof(nodeHasher, text, tree.leaves[5]!, [signer.key]);
          expect(shown).toMatchObject({ index: 5, size: 20, origin });
        }
      } catch (error) {
        if (!(error instanceof AuditError)) throw error;
        expect(error.code).toBe('PROOF_INVALID');
      }
    }),
    { numRuns: 500 },
  );
});
