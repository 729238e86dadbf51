// The signature algorithms behind verifier keys. The interface, and the implementation that runs anywhere.
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { isSafeEd25519Key, p256PointOf } from './public-key.ts';

/**
 * Signature checks. Implementations must accept and refuse exactly the same, or two honest verifiers of one log
 * would disagree. None throws: what cannot be read is not a signature.
 */
export interface SignaturePrimitives {
  /** RFC 8032 §5.1.7 without the cofactor, S < L, canonical encodings, no key of small order. */
  ed25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** ECDSA over P-256 and SHA-256, signature in strict DER, key in SPKI DER; S may be high. */
  ecdsaP256(spki: Uint8Array, message: Uint8Array, derSignature: Uint8Array): boolean;
}

const { Point } = ed25519;

/** For browsers, and wherever Node's crypto is not. */
export const nobleSignatures: SignaturePrimitives = {
  ed25519(publicKey, message, signature) {
    if (!isSafeEd25519Key(publicKey) || signature.length !== 64) return false;
    const r = signature.subarray(0, 32);
    const s = littleEndian(signature.subarray(32));
    // S ≥ L would be a second signature made by anyone from the first.
    if (s >= Point.Fn.ORDER) return false;
    try {
      // noble's own `verify` multiplies by the cofactor, which accepts a few crafted signatures that OpenSSL and
      // Go refuse. S·B − k·A, encoded and compared with R, is their equation; it refuses other spellings of R too.
      const a = Point.fromBytes(publicKey, false);
      const k = Point.Fn.create(littleEndian(sha512(concatBytes(r, publicKey, message))));
      const expected = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).toBytes();
      return expected.every((byte, i) => byte === r[i]);
    } catch {
      return false;
    }
  },
  ecdsaP256(spki, message, derSignature) {
    const point = p256PointOf(spki);
    if (point === undefined) return false;
    try {
      return p256.verify(derSignature, message, point, { format: 'der', prehash: true, lowS: false });
    } catch {
      return false;
    }
  },
};

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}
