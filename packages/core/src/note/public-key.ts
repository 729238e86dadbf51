// Which public keys are let near a verification at all. Both implementations ask here, so that they agree.
import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

/** 2^255 − 19, the field of Ed25519 (RFC 8032 §5.1). */
const FIELD = 2n ** 255n - 19n;
/** The y coordinates of the points of order 1, 2, 4 and 8. The two signs of x share one. */
const SMALL_ORDER_Y = new Set(ED25519_TORSION_SUBGROUP.map((point) => yOf(hexToBytes(point))));

/**
 * True where 32 bytes may be an Ed25519 key: the one encoding of its point, and not a point of small order, under
 * which one signature holds for many messages. Whether they are a point of the curve is for the verification.
 */
export function isSafeEd25519Key(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return false;
  const y = yOf(publicKey);
  // Where x is 0 its sign must not be set; those two points (y = ±1) are of small order anyway.
  return y < FIELD && !SMALL_ORDER_Y.has(y);
}

function yOf(encoded: Uint8Array): bigint {
  const bigEndian = Uint8Array.from(encoded).reverse();
  bigEndian[0]! &= 0x7f;
  return BigInt(`0x${bytesToHex(bigEndian)}`);
}

/** SubjectPublicKeyInfo of a P-256 key, up to the point: id-ecPublicKey, prime256v1, bit string (RFC 5480 §2). */
const P256_SPKI_START = '3059301306072a8648ce3d020106082a8648ce3d030107034200';
const P256_SPKI_LENGTH = 91;

/**
 * The uncompressed point of a P-256 key in SPKI DER; undefined for any other key or spelling. One spelling only:
 * the key id is a hash of these bytes.
 */
export function p256PointOf(spki: Uint8Array): Uint8Array | undefined {
  if (spki.length !== P256_SPKI_LENGTH) return undefined;
  const point = spki.subarray(P256_SPKI_LENGTH - 65);
  const start = bytesToHex(spki.subarray(0, P256_SPKI_LENGTH - 65));
  return start === P256_SPKI_START && point[0] === 0x04 ? point : undefined;
}
