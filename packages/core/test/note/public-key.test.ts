import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { isSafeEd25519Key, p256PointOf } from '../../src/note/public-key.ts';
import { smallOrderEncodings, toLittleEndian } from './edwards.ts';

const FIELD = 2n ** 255n - 19n;

test('Ed25519 keys whose y is not reduced are not safe, whatever the sign', () => {
  for (let y = FIELD; y < 2n ** 255n; y++) {
    expect(isSafeEd25519Key(toLittleEndian(y))).toBe(false);
    expect(isSafeEd25519Key(toLittleEndian(y + 2n ** 255n))).toBe(false);
  }
  // p − 1 is of order 2; p − 2 is the largest y that may stand.
  expect(isSafeEd25519Key(toLittleEndian(FIELD - 2n))).toBe(true);
  expect(isSafeEd25519Key(toLittleEndian(FIELD - 2n + 2n ** 255n))).toBe(true);
});

test('no encoding of a small-order Ed25519 key is safe', () => {
  expect(smallOrderEncodings.length).toBeGreaterThanOrEqual(14);
  for (const key of smallOrderEncodings) expect(isSafeEd25519Key(key)).toBe(false);
});

test('ordinary keys are', () => {
  for (let i = 0; i < 20; i++) {
    const key = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });
    expect(isSafeEd25519Key(key.subarray(-32))).toBe(true);
    expect(isSafeEd25519Key(key)).toBe(false);
  }
});

test('the point of a P-256 key is the end of its SPKI', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const coordinates = [x!, y!].map((value) => Buffer.from(value, 'base64url'));
  expect(Buffer.from(p256PointOf(spki)!)).toEqual(Buffer.concat([Uint8Array.of(4), ...coordinates]));
});
