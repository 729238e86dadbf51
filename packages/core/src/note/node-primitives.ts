// The same signature checks by node:crypto, several times faster. For writers and servers; never imported by verify/.
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { SignaturePrimitives } from './primitives.ts';
import { isSafeEd25519Key, p256PointOf } from './public-key.ts';

/** SubjectPublicKeyInfo of an Ed25519 key, up to its 32 bytes (RFC 8410 §4). */
const ED25519_SPKI_START = Buffer.from('302a300506032b6570032100', 'hex');

/** Keys already parsed. A verifier key hands over the same array each time; it must not be written to. */
const parsed = new WeakMap<Uint8Array, KeyObject>();

export const nodeSignatures: SignaturePrimitives = {
  ed25519(publicKey, message, signature) {
    // OpenSSL takes points of small order and second encodings; signatures it checks as strictly as we want.
    if (!isSafeEd25519Key(publicKey) || signature.length !== 64) return false;
    try {
      return verify(null, message, keyOf(publicKey, ED25519_SPKI_START), signature);
    } catch {
      return false;
    }
  },
  ecdsaP256(spki, message, derSignature) {
    if (p256PointOf(spki) === undefined) return false;
    try {
      return verify('sha256', message, { key: keyOf(spki), dsaEncoding: 'der' }, derSignature);
    } catch {
      return false;
    }
  },
};

function keyOf(bytes: Uint8Array, start: Uint8Array = new Uint8Array()): KeyObject {
  let key = parsed.get(bytes);
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.concat([start, bytes]), format: 'der', type: 'spki' });
    parsed.set(bytes, key);
  }
  return key;
}
