import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_ROOT } from '../../src/merkle/hasher.ts';
import { decodeBase64, encodeBase64, hashFromBase64, hashToBase64 } from '../../src/note/base64.ts';

test('it spells bytes as Node does, and reads them back', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = encodeBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(decodeBase64(text)).toEqual(bytes);
    }),
  );
});

test.each([
  ['no padding', 'YWI'],
  ['stray bits', 'YWJ='],
  ['stray bits before two signs of padding', 'YR=='],
  ['the URL alphabet', '-_-_'],
  ['white space inside', 'YW Jj'],
  ['a newline at the end', 'YWJj\n'],
  ['padding inside', 'YQ==YQ=='],
  ['too much padding', 'YWJj===='],
  ['padding alone', '===='],
  ['one digit', 'Y'],
  ['what is not ASCII', 'YWJjé€'],
])('it refuses %s', (_, text) => {
  expect(decodeBase64(text)).toBeUndefined();
});

test('any text it reads is the one spelling of what it read', () => {
  const text = fc.string({ unit: fc.constantFrom(...'AQaz09+/=-_ \n'), maxLength: 12 });
  fc.assert(
    fc.property(text, (candidate) => {
      const bytes = decodeBase64(candidate);
      if (bytes !== undefined) expect(encodeBase64(bytes)).toBe(candidate);
    }),
    { numRuns: 1000 },
  );
});

test('hashes are 32 bytes', () => {
  const text = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
  expect(hashToBase64(EMPTY_ROOT)).toBe(text);
  expect(hashFromBase64(text)).toBe(EMPTY_ROOT);
  for (const length of [0, 31, 33])
    expect(hashFromBase64(encodeBase64(new Uint8Array(length)))).toBeUndefined();
});
