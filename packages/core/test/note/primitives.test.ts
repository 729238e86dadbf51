// One suite over both implementations: what one accepts and the other refuses, two honest verifiers would dispute.
import { generateKeyPairSync, sign } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeSignatures } from '../../src/note/node-primitives.ts';
import { nobleSignatures } from '../../src/note/primitives.ts';
import {
  challenge,
  craft,
  fromLittleEndian,
  L,
  smallOrderEncodings,
  smallOrderPoints,
  toLittleEndian,
} from './edwards.ts';

const message = new TextEncoder().encode('example.com/log\n1\nroot\n');
const implementations = [
  ['noble', nobleSignatures],
  ['node', nodeSignatures],
] as const;

/** The most permissive of the published rules: what it accepts shows that a crafted case is not simply broken. */
function lax(publicKey: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean {
  return ed25519.verify(signature, text, publicKey, { zip215: true });
}

describe.each(implementations)('Ed25519 by %s', (_, { ed25519: verify }) => {
  const good = craft({ message });

  test('accepts a signature made by anyone who follows RFC 8032', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    expect(verify(raw, message, sign(null, message, privateKey))).toBe(true);
    const secret = new Uint8Array(32).fill(9);
    expect(verify(ed25519.getPublicKey(secret), message, ed25519.sign(message, secret))).toBe(true);
    expect(verify(good.publicKey, message, good.signature)).toBe(true);
    expect(verify(good.publicKey, Uint8Array.of(), craft({ message: Uint8Array.of() }).signature)).toBe(true);
  });

  // RFC 8032 §7.1, test 2.
  test('accepts the published signature', () => {
    const key = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
    const signature =
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';
    expect(verify(Buffer.from(key, 'hex'), Uint8Array.of(0x72), Buffer.from(signature, 'hex'))).toBe(true);
  });

  test('refuses a flipped bit anywhere', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('publicKey' as const, 'message' as const, 'signature' as const),
        fc.nat(),
        (part, at) => {
          const bytes = Uint8Array.from(good[part]);
          bytes[(at >> 3) % bytes.length]! ^= 1 << (at & 7);
          const changed = { ...good, [part]: bytes };
          expect(verify(changed.publicKey, changed.message, changed.signature)).toBe(false);
        },
      ),
    );
  });

  test('refuses other lengths without throwing', () => {
    for (const length of [0, 31, 33])
      expect(verify(new Uint8Array(length), message, good.signature)).toBe(false);
    expect(verify(good.publicKey, message, good.signature.subarray(1))).toBe(false);
    expect(verify(good.publicKey, message, Uint8Array.from([...good.signature, 0]))).toBe(false);
  });

  test('refuses S ≥ L, the second signature anyone can make of the first', () => {
    const s = fromLittleEndian(good.signature.subarray(32));
    for (const second of [s + L, s + 2n * L, s + 8n * L]) {
      const signature = Uint8Array.from([...good.signature.subarray(0, 32), ...toLittleEndian(second)]);
      expect(verify(good.publicKey, message, signature)).toBe(false);
    }
  });

  test.each(smallOrderEncodings.map((key) => [Buffer.from(key).toString('hex'), key] as const))(
    'refuses the small-order key %s, under which a signature needs no secret',
    (_, encodedKey) => {
      // a = 0: the key is of small order alone, and S·B = R whatever the message.
      const signed = craft({ message, a: 0n, encodedKey });
      expect(verify(encodedKey, message, signed.signature)).toBe(false);
      expect(lax(encodedKey, message, signed.signature)).toBe(true);
    },
  );

  test('refuses an R in another spelling of its point', () => {
    // R is the neutral point, y = 1: once written as 1 + p, once with the sign of a zero x. No honest signer makes it,
    // and newer OpenSSL refuses it in its own spelling too.
    const neutral = craft({ message, r: 0n });
    expect(lax(neutral.publicKey, message, neutral.signature)).toBe(true);
    for (const y of [2n ** 255n - 18n, 1n + 2n ** 255n]) {
      const respelled = craft({ message, r: 0n, encodedNonce: toLittleEndian(y) });
      expect(verify(respelled.publicKey, message, respelled.signature)).toBe(false);
      expect(lax(respelled.publicKey, message, respelled.signature)).toBe(true);
    }
  });

  test('refuses an R with a part of small order, which the cofactor would hide', () => {
    for (const nonceTorsion of smallOrderPoints.filter((point) => !point.is0())) {
      const signed = craft({ message, nonceTorsion });
      expect(verify(signed.publicKey, message, signed.signature)).toBe(false);
      expect(lax(signed.publicKey, message, signed.signature)).toBe(true);
    }
  });

  test('refuses a key with a part of small order, unless that part falls out of the equation', () => {
    const results = Array.from({ length: 40 }, (_, i) => {
      const keyTorsion = smallOrderPoints[i % smallOrderPoints.length]!;
      const signed = craft({ message: Uint8Array.of(i), keyTorsion });
      const k = challenge(signed.signature.subarray(0, 32), signed.publicKey, signed.message);
      expect(lax(signed.publicKey, signed.message, signed.signature)).toBe(true);
      const accepted = verify(signed.publicKey, signed.message, signed.signature);
      expect(accepted).toBe(keyTorsion.multiplyUnsafe(k % 8n).is0());
      return accepted;
    });
    expect(new Set(results)).toEqual(new Set([true, false]));
  });
});

describe.each(implementations)('ECDSA P-256 by %s', (_, { ecdsaP256: verify }) => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
  const der = sign('sha256', message, pair.privateKey);
  const raw = sign('sha256', message, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  const n = p256.Point.Fn.ORDER;
  const [r, s] = [bigEndian(raw.subarray(0, 32)), bigEndian(raw.subarray(32))];

  test('accepts a signature with low S and with high S, as key services make them', () => {
    expect(verify(spki, message, der)).toBe(true);
    expect(verify(spki, message, derOf(r, s))).toBe(true);
    expect(verify(spki, message, derOf(r, n - s))).toBe(true);
  });

  test('accepts a signature of the other implementation', () => {
    const { secretKey } = p256.keygen(new Uint8Array(48).fill(5));
    const point = p256.getPublicKey(secretKey, false);
    const key = Uint8Array.from([...spki.subarray(0, 26), ...point]);
    expect(verify(key, message, p256.sign(message, secretKey, { format: 'der', lowS: false }))).toBe(true);
  });

  test('refuses a flipped bit anywhere', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('key' as const, 'message' as const, 'signature' as const),
        fc.nat(),
        (part, at) => {
          const parts = { key: spki, message, signature: der };
          const bytes = Uint8Array.from(parts[part]);
          bytes[(at >> 3) % bytes.length]! ^= 1 << (at & 7);
          const changed = { ...parts, [part]: bytes };
          expect(verify(changed.key, changed.message, changed.signature)).toBe(false);
        },
      ),
    );
  });

  test.each([
    ['r = 0', () => derOf(0n, s)],
    ['s = 0', () => derOf(r, 0n)],
    ['both 0', () => derOf(0n, 0n)],
    ['s = n', () => derOf(r, n)],
    ['s + n', () => derOf(r, s + n)],
    ['r + n', () => derOf(r + n, s)],
    ['a negative s', () => sequence(integer(r), [0x02, 0x01, 0x80])],
    [
      'a needless zero before r',
      () => sequence([0x02, integer(r)[1]! + 1, 0, ...integer(r).slice(2)], integer(s)),
    ],
    ['a byte after it', () => [...der, 0]],
    ['a byte after it, inside the sequence', () => sequence(integer(r), integer(s), [0])],
    ['its last byte missing', () => der.subarray(0, -1)],
    ['a third number', () => sequence(integer(r), integer(s), integer(1n))],
    ['a length in long form', () => [0x30, 0x81, ...der.subarray(1)]],
    ['an indefinite length', () => [0x30, 0x80, ...der.subarray(2), 0, 0]],
    ['the raw form', () => raw],
    ['nothing in it', () => []],
  ])('refuses a signature with %s', (_, signature) => {
    expect(verify(spki, message, Uint8Array.from(signature()))).toBe(false);
  });

  test.each([
    ['a point off the curve', () => spki.map((byte, i) => (i === 90 ? byte ^ 1 : byte))],
    ['a compressed point', () => compressed()],
    ['the point alone', () => spki.subarray(26)],
    ['a byte after it', () => [...spki, 0]],
    ['another curve', () => otherKey('secp384r1')],
    ['a curve of the same size', () => otherKey('secp256k1')],
    [
      'an Ed25519 key',
      () => generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }),
    ],
    ['nothing in it', () => []],
  ])('refuses a key with %s', (_, key) => {
    expect(verify(Uint8Array.from(key()), message, der)).toBe(false);
  });

  function compressed(): Uint8Array {
    const point = p256.Point.fromBytes(Uint8Array.from(spki.subarray(26))).toBytes(true);
    const start = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
    return Buffer.concat([start, point]);
  }
});

function otherKey(namedCurve: string): Uint8Array {
  return generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'der', type: 'spki' });
}

function bigEndian(bytes: Uint8Array): bigint {
  return fromLittleEndian(Uint8Array.from(bytes).reverse());
}

/** A non-negative INTEGER in DER. */
function integer(value: bigint): number[] {
  const hex = value.toString(16);
  const bytes = [...Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex')];
  if (bytes[0]! >= 0x80) bytes.unshift(0);
  return [0x02, bytes.length, ...bytes];
}

function sequence(...items: number[][]): Uint8Array {
  const body = items.flat();
  return Uint8Array.from([0x30, body.length, ...body]);
}

function derOf(r: bigint, s: bigint): Uint8Array {
  return sequence(integer(r), integer(s));
}
