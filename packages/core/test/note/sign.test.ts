import { expect, test } from 'vitest';
import { EMPTY_ROOT } from '../../src/merkle/hasher.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { generatePrivateKey, signerFromPem } from '../../src/note/node-signers.ts';
import { parseNote } from '../../src/note/note.ts';
import { openCheckpoint } from '../../src/note/open.ts';
import { signCheckpoint, signNote } from '../../src/note/sign.ts';
import type { Signer } from '../../src/note/signer.ts';

const checkpoint = { origin: 'shop.example/audit', size: 0, root: EMPTY_ROOT };
const signer = signerFromPem(checkpoint.origin, generatePrivateKey());
const refused = expect.objectContaining({ code: 'KEY_INVALID' });

test('a signed checkpoint is a note by the key of its origin', async () => {
  const note = await signCheckpoint(checkpoint, signer);
  const { text, signatures } = parseNote(note);
  expect(text).toBe(formatCheckpoint(checkpoint));
  expect(signatures).toMatchObject([{ name: checkpoint.origin, keyId: signer.key.id }]);
  expect(openCheckpoint(note, [signer.key])).toMatchObject({ status: 'verified', checkpoint });
});

test('a signer elsewhere may take its time', async () => {
  const remote: Signer = { key: signer.key, sign: async (text) => signer.sign(text) };
  expect(openCheckpoint(await signCheckpoint(checkpoint, remote), [signer.key]).status).toBe('verified');
});

test('a key of another name does not sign', async () => {
  const other = signerFromPem('shop.example/other', generatePrivateKey());
  await expect(signCheckpoint(checkpoint, other)).rejects.toThrow(refused);
});

test('a signer that signs by another key than it names is found at its first signature', async () => {
  const other = signerFromPem(checkpoint.origin, generatePrivateKey());
  const miswired: Signer = { key: signer.key, sign: (text) => other.sign(text) };
  await expect(signNote('text\n', miswired)).rejects.toThrow(refused);
  await expect(signNote('text\n', miswired)).rejects.toThrow(refused);
});

test("the signer's own failure comes through as it is", async () => {
  const failure = new Error('key service away');
  const down: Signer = { key: signer.key, sign: () => Promise.reject(failure) };
  await expect(signCheckpoint(checkpoint, down)).rejects.toBe(failure);
});
