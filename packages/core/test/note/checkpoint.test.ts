import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_ROOT } from '../../src/merkle/hasher.ts';
import { formatCheckpoint, parseCheckpoint, parseCheckpointLines } from '../../src/note/checkpoint.ts';
import { parseNote } from '../../src/note/note.ts';
import { c2sp } from '../c2sp.ts';

const text = 'shop.example/audit\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n';
const checkpoint = { origin: 'shop.example/audit', size: 7, root: EMPTY_ROOT };
const refused = expect.objectContaining({ code: 'NOTE_INVALID' });

describe('published checkpoints', () => {
  // The published one has a root of seven bytes ("bananas"). It is well formed, and no checkpoint of a SHA-256 tree:
  // formats.md has 32-byte roots only, so the letter accepts it and `parseCheckpoint` names the root.
  test.each(c2sp.checkpoint_parse.valid)('%j is well formed', (valid) => {
    expect(parseCheckpointLines(valid)).toEqual({
      origin: 'Log',
      size: 123n,
      root: new TextEncoder().encode('bananas'),
    });
    expect(() => parseCheckpoint(valid)).toThrow(/root has 7 bytes/);
  });

  test.each(c2sp.checkpoint_parse.invalid)('with %s are refused', (_, invalid) => {
    expect(() => parseCheckpointLines(invalid)).toThrow(refused);
    expect(() => parseCheckpoint(invalid)).toThrow(refused);
    // For what the vector names, not for the length of its root.
    expect(() => parseCheckpoint(invalid)).not.toThrow(/root has/);
  });

  test.each(c2sp.notes.filter(({ note }) => /\n\d+\n/.test(note)))('of $source are read', ({ note }) => {
    const [origin, size, root] = note.split('\n');
    const read = parseCheckpoint(parseNote(note).text);
    expect(read).toEqual({ origin, size: Number(size), root: Buffer.from(root!, 'base64').toString('hex') });
  });
});

test('a checkpoint is three lines, written and read alike', () => {
  expect(formatCheckpoint(checkpoint)).toBe(text);
  expect(parseCheckpoint(text)).toEqual(checkpoint);
});

test('every checkpoint that can be written is read back', () => {
  const origin = fc.stringMatching(/^[a-z0-9./-]{1,40}$/);
  const root = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => Buffer.from(bytes).toString('hex'));
  fc.assert(
    fc.property(fc.record({ origin, size: fc.maxSafeNat(), root }, { noNullPrototype: true }), (value) => {
      expect(parseCheckpoint(formatCheckpoint(value))).toEqual(value);
    }),
  );
});

test.each([
  ['an extension line', `${text}more\n`],
  ['an empty extension line', `${text}\n`],
  ['no final newline', text.slice(0, -1)],
  ['an empty size', text.replace('\n7\n', '\n\n')],
  ['a hexadecimal size', text.replace('\n7\n', '\n0x7\n')],
  ['a signed size', text.replace('\n7\n', '\n+7\n')],
  ['a size with a space', text.replace('\n7\n', '\n 7\n')],
  ['a size in other digits', text.replace('\n7\n', '\n٧\n')],
  ['a size of minus zero', text.replace('\n7\n', '\n-0\n')],
  ['an exponent in its size', text.replace('\n7\n', '\n7e0\n')],
  ['a root without padding', text.replace('=', '')],
  ['a root that is not canonical', text.replace('FU=', 'FV=')],
  ['a root of 31 bytes', text.replace(/\n[^\n]*\n$/, `\n${Buffer.alloc(31).toString('base64')}\n`)],
  ['a root of 33 bytes', text.replace(/\n[^\n]*\n$/, `\n${Buffer.alloc(33).toString('base64')}\n`)],
  ['no root', text.replace(/\n[^\n]*\n$/, '\n\n')],
])('a checkpoint with %s is refused', (_, candidate) => {
  expect(candidate).not.toBe(text);
  expect(() => parseCheckpoint(candidate)).toThrow(refused);
});

test('sizes are exact up to 2^53 − 1 and refused above, with the reason', () => {
  const withSize = (size: string) => text.replace('\n7\n', `\n${size}\n`);
  expect(parseCheckpoint(withSize('9007199254740991')).size).toBe(2 ** 53 - 1);
  expect(() => parseCheckpoint(withSize('9007199254740992'))).toThrow(/larger than 2\^53/);
  expect(parseCheckpointLines(withSize('18446744073709551615')).size).toBe(2n ** 64n - 1n);
  expect(() => parseCheckpointLines(withSize('18446744073709551616'))).toThrow(/64 bits/);
  expect(() => parseCheckpointLines(withSize('9'.repeat(10_000)))).toThrow(/64 bits/);
});

test('what is no checkpoint of a log is not written', () => {
  for (const origin of ['', 'two words', 'a+b', 'a\nb', 'a'.repeat(256)]) {
    expect(() => formatCheckpoint({ ...checkpoint, origin })).toThrow(RangeError);
  }
  for (const size of [-1, 0.5, Number.NaN, 2 ** 53]) {
    expect(() => formatCheckpoint({ ...checkpoint, size })).toThrow(RangeError);
  }
  for (const root of ['', EMPTY_ROOT.toUpperCase(), EMPTY_ROOT.slice(2)]) {
    expect(() => formatCheckpoint({ ...checkpoint, root })).toThrow(RangeError);
  }
});
